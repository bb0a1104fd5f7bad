use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

fn literal() -> policy::Identity {
    policy::Identity { inner: std::sync::Arc::new(()) }
}

fn constructor() -> policy::Identity {
    policy::Identity::new("admin")
}

fn default() -> policy::Identity {
    policy::Identity::default()
}

fn deserialized(claims: &str) -> policy::Identity {
    serde_json::from_str(claims).unwrap()
}

fn main() {}
