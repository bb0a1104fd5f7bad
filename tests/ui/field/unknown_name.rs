use authz_core::Resource;
use authz_tests::policy;

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
    #[resource(read(role = "managr"))]
    unit_cost: u32,
    #[resource(read(any(role = "manager", scope = "read:order")), write(role = "read:orders"))]
    discount: Option<u8>,
}

fn main() {}
