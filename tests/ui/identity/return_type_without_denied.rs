use authz_core::requires;
use authz_tests::policy;

struct OutOfStock;

#[requires(role = "clerk", identity = who)]
fn refund(who: &policy::Identity, order: u32) -> Result<u32, OutOfStock> {
    Ok(order)
}

fn main() {}
