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

#[requires(scope = "read:orders", object = tenant)]
fn other(guard: Guard<other>) {
    let _ = find(1).open(&guard);
}

#[requires(scope = "read:orders", object)]
fn none(guard: Guard<none>) {
    let _ = find(1).open(&guard);
}

#[requires(scope = "read:orders", object = "owner")]
fn quoted(guard: Guard<quoted>) {
    let _ = find(1).open(&guard);
}

#[requires(scope = "read:orders", object = owner, object = owner)]
fn twice(guard: Guard<twice>) {
    let _ = find(1).open(&guard);
}

#[requires(object = owner)]
fn of_everybody(guard: Guard<of_everybody>) {
    let _ = find(1).open(&guard);
}

fn main() {}
