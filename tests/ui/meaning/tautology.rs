use authz_core::requires;
use authz_tests::policy;

#[requires(any(role = "clerk", not(role = "clerk")))]
fn alone() {}

#[requires(any(not(role = "admin"), role = "clerk"))]
fn through_the_hierarchy() {}

#[requires(mfa, any(role = "clerk", not(role = "clerk")))]
fn beside_others() {}

#[requires(not(all(role = "clerk", not(role = "clerk"))))]
fn not_of_a_contradiction() {}

#[requires(mfa, not(all(acr = "gold", any(acr = "silver", acr = "bronze"))))]
fn removes_nobody() {}

fn main() {}
