use authz_core::requires;
use authz_tests::policy;

#[requires(mfa, policy = "crate::policy")]
fn quoted() {}

#[requires(mfa, crate = "authz_core")]
fn krate() {}

fn main() {}
