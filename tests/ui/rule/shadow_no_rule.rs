use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", shadow = policy::Role)]
fn a_vocabulary() {}

#[requires(role = "clerk", shadow = "mfa")]
fn a_text() {}

fn main() {}
