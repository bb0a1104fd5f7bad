use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", policy = authz_tests::warehouse)]
fn pack() {}

fn main() {}
