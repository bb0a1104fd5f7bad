use authz_core::requires;
use authz_tests::policy;

#[requires]
fn without_parentheses() {}

#[requires()]
fn with_parentheses() {}

fn main() {}
