use authz_core::requires;
use authz_tests::policy;

#[requires(role = "")]
fn role() {}

#[requires(scope = " ")]
fn scope() {}

#[requires(acr = "")]
fn acr() {}

fn main() {}
