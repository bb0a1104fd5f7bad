use authz_core::requires;
use authz_tests::policy;

authz_core::rule!(Refund = all(role = "clark", mfa));

#[requires(rule = Refund, scope = "read:orders")]
fn refund() {}

fn main() {}
