use authz_core::requires;
use authz_tests::policy;

#[requires(any(acr = "gold", all(role = "admin", role = "clerk")))]
fn in_an_alternative() {}

#[requires(mfa, not(all(role = "admin", role = "clerk")))]
fn in_a_not() {}

fn main() {}
