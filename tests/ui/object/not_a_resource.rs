use authz_core::object::Sealed;
use authz_core::{Guard, Resource, requires};
use authz_tests::policy;

struct Order {
    customer: String,
}

#[requires(scope = "read:orders", object = owner)]
fn show(guard: Guard<show>, found: Sealed<Order>, all: Sealed<Vec<Order>>) {
    let _ = found.open(&guard);
    let _ = all.open(&guard);
}

fn is_resource<T: Resource>() {}

fn can_be_sealed<C: authz_core::object::Content>() {}

fn main() {
    can_be_sealed::<Vec<String>>();
    is_resource::<Order>();
}
