use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "read:orders", scope = "write:orders")]
fn scopes() {}

fn main() {}
