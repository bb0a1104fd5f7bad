use authz_core::requires;
use authz_tests::policy;

#[requires(not(role = "clerk", role = "auditor"))]
fn refund() {}

fn main() {}
