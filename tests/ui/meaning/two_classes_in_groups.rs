use authz_core::requires;
use authz_tests::policy;

#[requires(acr = "gold", all(acr = "silver", mfa))]
fn classes() {}

fn main() {}
