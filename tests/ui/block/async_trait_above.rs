use async_trait::async_trait;
use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[async_trait]
trait Refunds {
    async fn refund(&self, who: &Identity) -> Result<(), Denied>;
}

#[async_trait]
#[requires(role = "clerk", identity = who)]
impl Refunds for Desk {
    #[requires]
    async fn refund(&self, who: &Identity) -> Result<(), Denied> {
        let _ = who;
        Ok(())
    }
}

#[async_trait]
trait Cancels {
    async fn cancel(&self, who: &Identity) -> Result<(), Denied>;
}

#[async_trait]
impl Cancels for Desk {
    #[requires(role = "clerk", identity = who)]
    async fn cancel(&self, who: &Identity) -> Result<(), Denied> {
        let _ = who;
        Ok(())
    }
}

fn main() {}
