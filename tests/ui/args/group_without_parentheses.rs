use authz_core::requires;
use authz_tests::policy;

#[requires(any = ["clerk", "auditor"])]
fn list() {}

#[requires(not role = "clerk")]
fn refund() {}

fn main() {}
