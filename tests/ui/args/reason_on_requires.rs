use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", reason = "clerks only")]
fn refund() {}

fn main() {}
