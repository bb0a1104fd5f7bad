use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk" scope = "write:orders")]
fn refund() {}

fn main() {}
