use authz_core::requires;
use authz_tests::policy;

#[requires(rule = Refund)]
fn nowhere() {}

#[requires(rule = policy::Refund)]
fn not_in_the_module() {}

fn main() {}
