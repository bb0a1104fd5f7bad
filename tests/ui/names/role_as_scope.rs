use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "clerk")]
fn refund() {}

fn main() {}
