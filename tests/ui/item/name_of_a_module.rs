use authz_core::requires;
use authz_tests::policy;

mod orders {}

#[requires(role = "clerk")]
fn orders() {}

fn main() {}
