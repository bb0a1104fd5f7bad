use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk"x)]
fn refund() {}

fn main() {}
