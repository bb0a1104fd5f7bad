use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", not(role = "clerk"))]
fn itself() {}

#[requires(role = "admin", not(role = "clerk"))]
fn through_the_hierarchy() {}

#[requires(not(scope = "read:orders"), scope = "write:orders")]
fn scopes() {}

#[requires(mfa, not(any(mfa, max_age = "5m")))]
fn inside_a_not() {}

#[requires(max_age = "5m", not(max_age = "1h"))]
fn ages() {}

#[requires(any(role = "clerk", mfa), not(role = "clerk"), not(mfa))]
fn of_several() {}

#[requires(any(all(mfa, not(mfa)), all(role = "clerk", not(role = "clerk"))))]
fn no_alternative_left() {}

fn main() {}
