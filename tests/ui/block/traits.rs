use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

#[requires(role = "clerk", identity = who)]
trait Refunds {
    fn refund(&self, who: &Identity) -> Result<(), Denied>;
}

#[requires(role = "clerk", identity = who)]
mod orders {
    use super::*;

    #[requires(mfa)]
    pub trait Cancels {
        #[requires]
        fn cancel(&self, who: &Identity) -> Result<(), Denied> {
            Ok(())
        }
    }
}

fn main() {}
