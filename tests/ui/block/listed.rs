use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[requires(role = "clerk", identity = who, unreachable(nwe, refund, count, new, new))]
impl Desk {
    fn new() -> Self {
        Self
    }

    #[requires]
    fn refund(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "clerk", unreachable = helper)]
mod equals {
    fn helper() {}
}

#[requires(role = "clerk", unreachable())]
mod nothing {
    fn helper() {}
}

#[requires(role = "clerk", unreachable("helper", inner::helper))]
mod no_names {
    fn helper() {}
}

#[requires(role = "clerk", unreachable(helper), unreachable(other))]
mod twice {
    fn helper() {}
    fn other() {}
}

#[requires(role = "clerk", unreachable(refund))]
fn refund() {}

fn main() {}
