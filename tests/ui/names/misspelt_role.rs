use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerc")]
fn refund() {}

fn main() {}
