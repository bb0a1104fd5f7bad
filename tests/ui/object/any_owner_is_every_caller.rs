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

#[requires(role = "manager", object = owner, any_owner(role = "auditor"))]
fn all(guard: Guard<all>) {
    let _ = find(1).open(&guard);
}

#[requires(not(role = "auditor"), object = owner, any_owner(role = "auditor"))]
fn none(guard: Guard<none>) {
    let _ = find(1).open(&guard);
}

fn main() {}
