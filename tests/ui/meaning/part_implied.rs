use authz_core::requires;
use authz_tests::policy;

#[requires(role = "admin", any(role = "clerk", mfa))]
fn an_alternative_is_met_already() {}

#[requires(any(max_age = "5m", mfa), any(max_age = "1h", mfa))]
fn a_shorter_age() {}

#[requires(any(role = "clerk", mfa), any(mfa, role = "clerk"))]
fn the_same_twice() {}

#[requires(any(role = "clerk", mfa), not(mfa), role = "clerk")]
fn the_alternative_of_one_left() {}

#[requires(any(role = "clerk", acr = "gold"), not(acr = "gold"), any(role = "clerk", scope = "read:orders"))]
fn by_several() {}

fn main() {}
