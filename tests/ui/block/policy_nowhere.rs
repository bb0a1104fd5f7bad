use authz_core::{Denied, requires};
use authz_tests::policy::Identity;

struct Desk;

#[requires(role = "clerk", identity = who)]
impl Desk {
    #[requires]
    fn refund(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(mfa)]
    fn cancel(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

fn main() {}
