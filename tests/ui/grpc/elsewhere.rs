use authz_core::{Denied, requires};
use authz_tests::policy;

#[requires(scope = "read:orders", server = OdditiesServer)]
async fn list() {}

struct Shop;

#[requires(scope = "read:orders", server = OdditiesServer)]
impl Shop {
    #[requires]
    async fn list(&self, request: tonic::Request<()>) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "clerk", server = OdditiesServer)]
mod counter {
    use super::requires;

    #[requires]
    async fn list() {}

    #[requires(server = OdditiesServer)]
    async fn count() {}
}

fn main() {}
