use authz_core::requires;
use authz_tests::policy;

#[requires(role = "write:orders")]
fn refund() {}

fn main() {}
