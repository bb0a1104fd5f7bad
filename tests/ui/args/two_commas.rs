use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk",, mfa)]
fn refund() {}

#[requires(, mfa)]
fn cancel() {}

fn main() {}
