use authz_core::requires;
use authz_tests::policy;

#[requires(role == "clerk")]
fn refund() {}

#[requires(role("clerk"))]
fn cancel() {}

fn main() {}
