use authz_core::object::Masked;
use authz_core::{Guard, Resource, requires};
use authz_tests::{policy, warehouse};

#[derive(Resource)]
#[resource(owner = "customer", policy = warehouse)]
struct Order {
    customer: String,
    #[resource(read(role = "packer"))]
    unit_cost: u32,
}

#[requires(scope = "read:orders")]
fn show(guard: Guard<show>, order: Order) -> Masked<Order> {
    Masked::new(order, &guard)
}

fn main() {}
