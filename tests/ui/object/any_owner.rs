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

#[requires(scope = "read:orders", any_owner(role = "auditor"))]
fn alone(guard: Guard<alone>) {
    let _ = guard;
}

#[requires(scope = "read:orders", object = owner, any_owner())]
fn nobody(guard: Guard<nobody>) {
    let _ = find(1).open(&guard);
}

#[requires(scope = "read:orders", object = owner, any_owner(authenticated))]
fn everybody(guard: Guard<everybody>) {
    let _ = find(1).open(&guard);
}

#[requires(scope = "read:orders", object = owner, any_owner(roles = "auditor"))]
fn misspelt(guard: Guard<misspelt>) {
    let _ = find(1).open(&guard);
}

#[requires(scope = "read:orders", object = owner, any_owner = "auditor")]
fn no_list(guard: Guard<no_list>) {
    let _ = find(1).open(&guard);
}

#[requires(scope = "read:orders", object = any, any_owner(role = "auditor"))]
fn of_any(guard: Guard<of_any>) {
    let _ = find(1).open(&guard);
}

fn main() {}
