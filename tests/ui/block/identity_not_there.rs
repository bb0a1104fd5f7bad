use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk {
    who: Identity,
}

#[requires(role = "clerk", identity = self.who)]
impl Desk {
    #[requires]
    fn new(who: &Identity) -> Result<Self, Denied> {
        Ok(Self { who: who.clone() })
    }

    #[requires]
    fn refund(&self) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "clerk", identity = who)]
mod orders {
    use super::*;

    #[requires]
    pub fn refund(_order: u32, _caller: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

fn main() {}
