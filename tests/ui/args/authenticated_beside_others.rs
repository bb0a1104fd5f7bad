use authz_core::requires;
use authz_tests::policy;

#[requires(authenticated, role = "clerk")]
fn adds_nothing() {}

#[requires(any(authenticated, role = "clerk"))]
fn lets_everybody_in() {}

fn main() {}
