use authz_core::{Denied, manual, public, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[requires(role = "clerk", identity = who)]
impl Desk {
    #[public(reason = "opening hours are on the door")]
    fn hours(&self) -> u32 {
        9
    }

    #[manual(reason = "the body asks the shop")]
    fn cancel(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(authenticated)]
mod orders {
    use super::{manual, public};

    #[public(reason = "load balancer probe")]
    pub async fn health() {}

    #[manual(reason = "the body asks the shop")]
    pub fn me() {}
}

fn main() {}
