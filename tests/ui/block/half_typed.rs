use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[requires(role = , identity = )]
impl Desk {
    #[requires]
    fn cancel(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires = "clerk"]
    fn list(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(scope)]
    fn refund(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

fn main() {}
