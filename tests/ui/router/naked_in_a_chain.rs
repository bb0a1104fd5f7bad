use authz_core::axum::{Router, routing::get};
use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "read:orders")]
async fn list_orders() {}

#[requires(scope = "write:orders")]
async fn cancel_orders() {}

async fn place_order() {}

fn router() -> Router<policy::Policy> {
    Router::new().route("/orders", get(list_orders).post(place_order).delete(cancel_orders))
}

fn main() {}
