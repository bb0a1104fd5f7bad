//! Routers without fault; each a neighbour of the mistakes in `router`.

use std::sync::Arc;

use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::{Guard, manual, public, requires};
use authz_tests::{policy, warehouse};
use axum::Json;
use axum::extract::State;

struct Shop;

#[requires(scope = "read:orders")]
async fn list_orders() -> &'static str {
    "orders"
}

#[requires(scope = "write:orders")]
async fn place_order(
    guard: Guard<place_order>,
    State(_): State<Arc<Shop>>,
    Json(order): Json<u32>,
) -> Json<u32> {
    let _ = guard.subject();
    Json(order)
}

#[requires(scope = "write:orders")]
async fn cancel_orders() {}

#[manual(reason = "shows callers themselves")]
async fn me(guard: Guard<me>) -> String {
    guard.subject().to_owned()
}

#[public(reason = "load balancer probe")]
async fn health() {}

#[public(reason = "says that there is nothing")]
async fn lost() {}

// An attribute of another crate beside ours, by its path.
#[requires(scope = "read:orders")]
#[authz_lookalikes::requires(orders > 0)]
async fn count_orders() {}

fn router(shop: Arc<Shop>) -> Router<policy::Policy> {
    Router::new()
        .route("/orders", get(list_orders).post(place_order).delete(cancel_orders))
        .route("/orders/again", post(place_order))
        .route("/orders/count", get(count_orders))
        .route("/me", get(me))
        .route("/health", get(health))
        .fallback(lost)
        .with_state(shop)
}

fn app(verifier: policy::Verifier) -> axum::Router {
    router(Arc::new(Shop)).secured_by(verifier)
}

#[requires(scope = "read:stock", policy = warehouse)]
async fn list_stock() {}

fn stock(verifier: warehouse::Verifier) -> axum::Router {
    Router::new().route("/stock", get(list_stock)).secured_by(verifier)
}

fn main() {
    let _ = (app, stock);
}
