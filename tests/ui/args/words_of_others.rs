use authz_core::requires;
use authz_tests::policy;

#[requires(and(role = "clerk", mfa))]
fn and() {}

#[requires(or(role = "clerk", mfa))]
fn or() {}

#[requires(roles = ["clerk", "auditor"])]
fn roles() {}

#[requires(any_role("clerk", "auditor"))]
fn any_role() {}

#[requires(scopes("read:orders", "write:orders"))]
fn scopes() {}

fn main() {}
