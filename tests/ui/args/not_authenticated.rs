use authz_core::requires;
use authz_tests::policy;

#[requires(not(authenticated))]
fn nobody() {}

fn main() {}
