use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

fn forge() -> refund {
    refund {}
}

fn main() {}
