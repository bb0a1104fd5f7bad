use authz_core::requires;
use authz_tests::policy;

#[rustfmt::skip]
#[requires(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(mfa))))))))))))))))))))))))))))))))))]
fn refund() {}

fn main() {}
