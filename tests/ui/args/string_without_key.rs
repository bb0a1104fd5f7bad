use authz_core::requires;
use authz_tests::policy;

#[requires("clerk")]
fn refund() {}

#[requires(any("clerk", "auditor"))]
fn list() {}

fn main() {}
