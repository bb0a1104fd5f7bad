use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::{Guard, Resource, requires};
use authz_tests::policy::{self, Policy};
use axum::Json;

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
    #[resource(read(role = "manager"))]
    unit_cost: u32,
}

#[derive(Resource)]
struct NewOrder {
    #[resource(write(role = "manager"))]
    discount: Option<u8>,
}

#[requires(scope = "read:orders")]
async fn show(guard: Guard<show>) -> Json<Order> {
    Json(Order { customer: guard.subject().to_owned(), unit_cost: 12 })
}

#[requires(scope = "write:orders")]
async fn place(_: Guard<place>, Json(new): Json<NewOrder>) -> String {
    format!("{:?}", new.discount)
}

fn router() -> Router<Policy> {
    Router::new().route("/order", get(show)).route("/orders", post(place))
}

fn main() {}
