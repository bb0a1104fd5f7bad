use authz_core::requires;
use authz_tests::policy;

#[requires(role = policy::Role::)]
fn role() {}

#[requires(mfa, policy = crate::)]
fn path() {}

fn main() {}
