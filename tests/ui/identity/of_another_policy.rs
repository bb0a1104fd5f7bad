use authz_core::requires;
use authz_tests::policy;

use authz_core::Denied;
use authz_tests::warehouse;

#[requires(role = "clerk", identity = who)]
fn refund(who: &warehouse::Identity, order: u32) -> Result<u32, Denied> {
    Ok(order)
}

fn main() {}
