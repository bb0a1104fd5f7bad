use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk" | role = "auditor")]
fn bar() {}

#[requires(role = "clerk" || role = "auditor")]
fn two_bars() {}

#[requires(role = "clerk" & scope = "write:orders")]
fn ampersand() {}

#[requires(role = "clerk" && scope = "write:orders")]
fn two_ampersands() {}

fn main() {}
