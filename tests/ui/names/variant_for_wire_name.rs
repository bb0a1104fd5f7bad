use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "WriteOrders")]
fn refund() {}

fn main() {}
