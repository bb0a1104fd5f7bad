use authz_core::requires;
use authz_tests::policy;

#[requires(role = policy::Scope::WriteOrders)]
fn role() {}

#[requires(scope = policy::Role::Clerk)]
fn scope() {}

fn main() {}
