use authz_core::object::Input;
use authz_core::{Guard, Resource, requires};
use authz_tests::policy;

#[derive(Resource)]
struct Change {
    quantity: u32,
    #[resource(write(role = "manager"))]
    discount: Option<u8>,
}

#[requires(scope = "write:orders")]
fn change(_: Guard<change>, body: &str) -> Option<u8> {
    let change: Change = serde_json::from_str(body).unwrap();
    change.discount
}

#[requires(scope = "write:orders")]
fn unaccepted(_: Guard<unaccepted>, input: Input<Change>) -> Option<u8> {
    input.discount
}

fn main() {}
