use authz_core::requires;
use authz_tests::policy;

use authz_core::Guard;

#[requires(role = "clerk", identity = guard)]
fn refund(guard: Guard<refund>) {}

fn main() {}
