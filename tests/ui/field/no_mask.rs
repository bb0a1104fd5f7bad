use authz_core::object::Masked;
use authz_core::{Guard, Resource, requires};
use authz_tests::policy;

#[derive(Resource, serde::Serialize)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
}

#[requires(scope = "read:orders")]
fn show(guard: Guard<show>, order: Order) -> Masked<Order> {
    Masked::new(order, &guard)
}

fn main() {}
