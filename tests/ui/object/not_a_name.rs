use authz_core::Resource;

struct CustomerId(u128);

#[derive(Resource)]
#[resource(owner = "customer", tenant = "org")]
struct Order {
    customer: CustomerId,
    org: f64,
}

fn main() {}
