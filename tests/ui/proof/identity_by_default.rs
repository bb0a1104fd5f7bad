use authz_tests::policy::Identity;

fn forge() -> Identity {
    Identity::default()
}

fn main() {}
