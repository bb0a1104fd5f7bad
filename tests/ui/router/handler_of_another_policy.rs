use authz_core::axum::{Router, routing::get};
use authz_core::requires;
use authz_tests::{policy, warehouse};

#[requires(scope = "read:orders")]
async fn list_orders() {}

#[requires(scope = "read:stock", policy = warehouse)]
async fn list_stock() {}

fn router() -> Router<policy::Policy> {
    Router::new().route("/orders", get(list_orders)).route("/stock", get(list_stock))
}

fn chained() -> Router<policy::Policy> {
    Router::new().route("/orders", get(list_orders).post(list_stock))
}

fn main() {}
