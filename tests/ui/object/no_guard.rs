use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

#[requires(scope = "read:orders", object = owner)]
fn show(id: u64) -> u64 {
    id
}

#[requires(scope = "read:orders", object = owner, identity = who)]
fn show_to(who: &Identity, id: u64) -> Result<u64, Denied> {
    Ok(id)
}

struct Desk {
    who: Identity,
}

impl Desk {
    #[requires(scope = "read:orders", object = owner, identity = self.who)]
    fn show(&self, id: u64) -> Result<u64, Denied> {
        Ok(id)
    }
}

fn main() {}
