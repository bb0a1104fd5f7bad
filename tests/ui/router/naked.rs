use authz_core::axum::{Router, routing::get};
use authz_tests::policy;

async fn list_orders() -> &'static str {
    "orders"
}

fn router() -> Router<policy::Policy> {
    Router::new().route("/orders", get(list_orders))
}

fn main() {}
