use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_lookalikes::{authorize, protect, requires};
use authz_tests::policy::Policy;

#[requires(role = "clerk")]
async fn list_orders() -> &'static str {
    "orders"
}

#[authorize(role = "clerk")]
async fn place_order() {}

#[protect("ROLE_CLERK")]
async fn cancel_order() {}

fn router() -> Router<Policy> {
    Router::new().route("/orders", get(list_orders).post(place_order).delete(cancel_order))
}

fn main() {}
