use authz_core::{Denied, requires};
use authz_tests::policy::Identity;

struct Desk;

trait Refunds {
    fn refund(&self, _who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "clerk", identity = who)]
impl Refunds for Desk {}

#[requires(role = "clerk", unreachable(new))]
impl Desk {
    fn new() -> Self {
        Self
    }
}

#[requires(role = "clerk")]
mod orders {
    pub struct Order;
}

fn main() {}
