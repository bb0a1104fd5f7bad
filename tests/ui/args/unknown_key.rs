use authz_core::requires;
use authz_tests::policy;

#[requires(rol = "clerk")]
fn misspelt() {}

#[requires(permission = "refund")]
fn unheard_of() {}

#[requires(role = "clerk", bond)]
fn misspelt_without_a_value() {}

fn main() {}
