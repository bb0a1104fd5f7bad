use authz_core::requires;
use authz_tests::policy;

#[requires(role = b"clerk")]
fn refund() {}

fn main() {}
