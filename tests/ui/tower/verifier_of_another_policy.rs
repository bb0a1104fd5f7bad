use authz_core::requires;
use authz_tests::{policy, warehouse};

#[requires(scope = "read:orders")]
async fn list_orders() {}

fn layer(verifier: warehouse::Verifier) {
    let _ = verifier.guard::<list_orders>();
}

fn main() {}
