use authz_tests::policy::Identity;

fn forge(claims: &str) -> Identity {
    serde_json::from_str(claims).unwrap()
}

fn main() {}
