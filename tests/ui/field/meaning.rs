use authz_core::Resource;
use authz_tests::policy;

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
    #[resource(read(role = "manager", not(role = "clerk")))]
    unit_cost: u32,
    #[resource(read(role = "admin", role = "manager"), write(role = "manager", mfa))]
    discount: Option<u8>,
}

fn main() {}
