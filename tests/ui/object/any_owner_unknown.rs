use authz_core::object::Sealed;
use authz_core::{Guard, Resource, requires};
use authz_tests::policy;

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
    item: String,
}

fn find(id: u64) -> Sealed<Option<Order>> {
    let order = Order { customer: "ann".to_owned(), item: "ink".to_owned() };
    Sealed::new((id == 1).then_some(order))
}

#[requires(scope = "read:orders", object = owner, any_owner(role = "auditr"))]
fn show(guard: Guard<show>) {
    let _ = find(1).open(&guard);
}

fn main() {}
