use authz_core::requires;
use authz_tests::policy;

#[requires(mfa = true)]
fn mfa() {}

#[requires(authenticated = "yes")]
fn authenticated() {}

#[requires(mfa("hardware"))]
fn call() {}

#[requires(bound = "dpop")]
fn bound() {}

fn main() {}
