use authz_core::object::Sealed;
use authz_core::{Resource, requires};
use authz_tests::policy;

#[derive(PartialEq, serde::Serialize, Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
    item: String,
}

fn find() -> Sealed<Order> {
    Sealed::new(Order { customer: "ann".to_owned(), item: "ink".to_owned() })
}

#[requires(scope = "read:orders")]
fn read() -> String {
    find().item
}

#[requires(scope = "read:orders")]
fn compare() -> bool {
    find() == find()
}

#[requires(scope = "read:orders")]
fn print() -> String {
    find().to_string()
}

#[requires(scope = "read:orders")]
fn reach_in() -> String {
    find().content.item
}

fn main() {}
