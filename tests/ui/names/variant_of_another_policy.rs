use authz_core::requires;
use authz_tests::policy;

use authz_tests::warehouse;

#[requires(role = warehouse::Role::Packer)]
fn refund() {}

fn main() {}
