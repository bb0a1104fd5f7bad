use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[requires(role = "clerk", identity = who)]
#[requires(mfa)]
impl Desk {
    #[requires(scope = "write:orders")]
    #[requires(max_age = "5m")]
    fn refund(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

fn main() {}
