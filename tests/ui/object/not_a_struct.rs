use authz_core::Resource;

#[derive(Resource)]
enum Either {
    Order,
}

#[derive(Resource)]
struct Pair(String, String);

#[derive(Resource)]
union Bits {
    number: u32,
}

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    #[resource(owner)]
    customer: String,
}

fn main() {}
