use authz_core::{Denied, requires};
use authz_tests::policy;

struct Desk {
    who: String,
}

#[requires(role = "clerk", identity = self.who)]
impl Desk {
    #[requires]
    fn cancel(&self) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(mfa)]
    fn refund(&self) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "clerk")]
impl Desk {
    #[requires]
    fn list(&self) -> Result<(), Denied> {
        Ok(())
    }
}

fn main() {}
