use authz_core::requires;
use authz_tests::policy;

#[requires(rule = policy::Role, mfa)]
fn a_vocabulary() {}

fn main() {}
