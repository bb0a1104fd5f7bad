use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", shadow = Stricter)]
fn refund() {}

fn main() {}
