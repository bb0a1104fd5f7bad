use authz_core::requires;
use authz_tests::policy;

#[requires(role = "superuser")]
fn refund() {}

fn main() {}
