use authz_core::{Denied, Guard, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[requires(role = "clerk")]
impl Desk {
    #[requires]
    fn refund(&self, guard: Guard<refund>) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "clerk", identity = who)]
mod orders {
    use super::*;

    #[requires]
    pub fn refund(guard: Guard<refund>, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

fn main() {}
