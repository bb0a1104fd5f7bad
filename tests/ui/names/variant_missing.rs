use authz_core::requires;
use authz_tests::policy;

#[requires(role = policy::Role::Clerc)]
fn refund() {}

fn main() {}
