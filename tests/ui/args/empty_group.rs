use authz_core::requires;
use authz_tests::policy;

#[requires(all())]
fn all() {}

#[requires(any(), mfa)]
fn any() {}

#[requires(not())]
fn not() {}

fn main() {}
