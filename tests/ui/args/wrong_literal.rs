use authz_core::{public, requires};
use authz_tests::policy;

#[requires(role = 5)]
fn role() {}

#[requires(scope = 'r')]
fn scope() {}

#[requires(acr = 2)]
fn acr() {}

#[requires(max_age = 300)]
fn max_age() {}

#[public(reason = true)]
fn reason() {}

fn main() {}
