use authz_core::requires;
use authz_tests::policy;

#[requires(acr = "silver", acr = "gold")]
fn refund() {}

fn main() {}
