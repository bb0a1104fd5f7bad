use authz_tests::policy::Identity;

fn forge(other: Identity) -> Identity {
    Identity { ..other }
}

fn main() {}
