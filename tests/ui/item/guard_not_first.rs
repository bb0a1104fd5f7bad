use authz_core::requires;
use authz_tests::policy;

use authz_core::Guard;

#[requires(role = "clerk")]
fn refund(order: u32, guard: Guard<refund>) -> u32 {
    order
}

fn main() {}
