use authz_core::Resource;
use authz_tests::policy;

#[derive(Resource, serde::Serialize)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
    #[resource(read(role = "manager"))]
    unit_cost: u32,
}

#[derive(Resource, serde::Deserialize)]
struct Change {
    quantity: u32,
    #[resource(write(role = "manager"))]
    discount: Option<u8>,
}

fn main() {}
