use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", mfa, role = "clerk")]
fn role() {}

#[requires(any(scope = policy::Scope::ReadOrders, mfa, scope = policy::Scope::ReadOrders))]
fn scope() {}

#[requires(mfa, role = "clerk", mfa)]
fn mfa() {}

#[requires(max_age = "5m", role = "clerk", max_age = "1h")]
fn max_age() {}

#[requires(bound, role = "clerk", bound)]
fn bound() {}

#[requires(any(bound, not(bound)))]
fn everybody() {}

fn main() {}
