use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", identity = who)]
fn refund(who: &policy::Identity) {}

fn main() {}
