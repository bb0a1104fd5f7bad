use authz_core::requires;
use authz_tests::policy;

#[requires(role = clerk)]
fn role() {}

#[requires(scope = WriteOrders)]
fn scope() {}

fn main() {}
