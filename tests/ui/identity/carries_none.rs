use authz_core::requires;
use authz_tests::policy;

use authz_core::Denied;

#[requires(role = "clerk", identity = order)]
fn refund(order: u32) -> Result<u32, Denied> {
    Ok(order)
}

fn main() {}
