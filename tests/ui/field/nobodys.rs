use authz_core::object::Sealed;
use authz_core::{Guard, Resource, requires};
use authz_tests::policy;

#[derive(Resource)]
struct Change {
    #[resource(write(role = "manager"))]
    discount: Option<u8>,
}

#[requires(scope = "write:orders", object = owner)]
fn change(guard: Guard<change>, change: Sealed<Change>) {
    let _ = change.open(&guard);
}

fn main() {}
