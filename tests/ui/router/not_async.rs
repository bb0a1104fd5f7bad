use authz_core::axum::{Router, routing::get};
use authz_core::requires;
use authz_tests::policy;

#[requires(scope = "read:orders")]
fn list_orders() {}

fn router() -> Router<policy::Policy> {
    Router::new().route("/orders", get(list_orders))
}

fn main() {}
