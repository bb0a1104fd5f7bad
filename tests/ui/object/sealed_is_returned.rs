use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::object::Sealed;
use authz_core::{Resource, requires};
use authz_tests::policy;
use axum::Json;

#[derive(serde::Serialize, Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
}

#[requires(scope = "read:orders")]
async fn show() -> Json<Sealed<Order>> {
    Json(Sealed::new(Order { customer: "ann".to_owned() }))
}

fn service() -> Router<policy::Policy> {
    Router::new().route("/", get(show))
}

fn serialized(order: &Sealed<Order>) -> String {
    serde_json::to_string(order).unwrap_or_default()
}

fn main() {}
