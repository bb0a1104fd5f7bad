use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk", identity = who)]
fn refund(who: &policy::Identity, order: u32) -> u32 {
    order
}

fn main() {}
