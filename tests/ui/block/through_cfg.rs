use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[requires(role = "clerk", identity = who)]
impl Desk {
    #[cfg_attr(all(), requires(mfa))]
    fn refund(&self, _who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires]
    #[cfg_attr(all(), cfg_attr(all(), must_use, authz_core::public(reason = "hours")))]
    fn hours(&self, who: &Identity) -> Result<u32, Denied> {
        Ok(9)
    }
}

#[requires(role = "clerk")]
mod orders {
    #[cfg_attr(all(), authz_core::requires(mfa))]
    pub mod refunds {
        #[authz_core::requires]
        pub fn refund() {}
    }
}

fn main() {}
