use authz_core::requires;
use authz_tests::policy;

#[requires(bound, not(bound))]
fn nobody() {}

#[requires(any(bound, not(bound)))]
fn everybody() {}

#[requires(bound, any(bound, mfa))]
fn idle() {}

#[requires(bound, bound)]
fn twice() {}

#[requires(bound = true)]
fn with_a_value() {}

fn main() {}
