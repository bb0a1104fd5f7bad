use authz_core::axum::{Router, routing::get};
use authz_tests::policy;

fn router() -> Router<policy::Policy> {
    Router::new().route("/orders", get(|| async { "orders" }))
}

fn main() {}
