use authz_core::object::Input;
use authz_core::{Guard, Resource, requires};
use authz_tests::policy;

#[derive(Resource, serde::Deserialize)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
}

#[requires(scope = "write:orders")]
fn place(guard: Guard<place>, order: Input<Order>) -> Order {
    order.accept(&guard).unwrap()
}

#[requires(scope = "write:orders")]
fn read(_: Guard<read>, body: &str) -> Input<Order> {
    serde_json::from_str(body).unwrap()
}

fn main() {}
