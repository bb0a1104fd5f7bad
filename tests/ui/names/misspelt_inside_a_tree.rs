use authz_core::requires;
use authz_tests::policy;

#[requires(any(role = "admin", not(all(role = "clerk", scope = "raed:orders"))), mfa)]
fn refund() {}

fn main() {}
