use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk" "auditor")]
fn second_string() {}

#[requires(mfa; role = "clerk")]
fn semicolon() {}

#[requires(mfa {
    role = "clerk"
    scope = "write:orders"
    scope = "read:orders"
})]
fn block() {}

fn main() {}
