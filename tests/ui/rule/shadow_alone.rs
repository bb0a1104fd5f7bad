use authz_core::requires;
use authz_tests::policy;

authz_core::rule!(Stricter = mfa);

#[requires(shadow = Stricter)]
fn refund() {}

fn main() {}
