use authz_core::object::Sealed;
use authz_core::{Resource, requires};
use authz_tests::policy;

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
    item: String,
}

fn find() -> Sealed<Order> {
    Sealed::new(Order { customer: "ann".to_owned(), item: "ink".to_owned() })
}

#[requires(scope = "read:orders")]
fn take_apart() -> String {
    let Sealed { content } = find();
    content.item
}

fn main() {}
