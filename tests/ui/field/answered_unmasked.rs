use authz_core::{Guard, Resource, requires};
use authz_tests::policy;

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
    #[resource(read(role = "manager"))]
    unit_cost: u32,
}

#[requires(scope = "read:orders")]
fn show(guard: Guard<show>) -> String {
    let order = Order { customer: guard.subject().to_owned(), unit_cost: 12 };
    serde_json::to_string(&order).unwrap_or_default()
}

fn main() {}
