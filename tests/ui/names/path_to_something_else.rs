use authz_core::requires;
use authz_tests::policy;

#[requires(role = std::vec::Vec)]
fn refund() {}

fn main() {}
