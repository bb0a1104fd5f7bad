use authz_core::requires;
use authz_tests::policy;

#[requires(max_age = "5")]
fn no_unit() {}

#[requires(max_age = "5x")]
fn wrong_unit() {}

#[requires(max_age = "1h30m")]
fn two_units() {}

#[requires(max_age = "")]
fn nothing() {}

#[requires(max_age = "0s")]
fn zero() {}

#[requires(max_age = "99999d")]
fn centuries() {}

fn main() {}
