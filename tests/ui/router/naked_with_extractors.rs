use authz_core::axum::{Router, routing::post};
use authz_tests::policy;
use axum::{Json, extract::State};
use std::sync::Arc;

struct Shop;

async fn place_order(State(_): State<Arc<Shop>>, Json(order): Json<u32>) -> Json<u32> {
    Json(order)
}

fn router(shop: Arc<Shop>) -> Router<policy::Policy> {
    Router::new().route("/orders", post(place_order)).with_state(shop)
}

fn main() {}
