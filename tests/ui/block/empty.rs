use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[requires]
impl Desk {
    #[requires(mfa, identity = who)]
    fn refund(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(policy = authz_tests::policy)]
mod orders {
    #[authz_core::requires]
    pub fn refund() {}
}

fn main() {}
