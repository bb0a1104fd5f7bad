use authz_core::Resource;
use authz_tests::policy;

#[derive(Resource)]
#[serde(into = "String")]
struct Replaced {
    #[resource(read(role = "manager"))]
    unit_cost: u32,
}

#[derive(Resource)]
#[serde(default)]
struct OfDefaults {
    #[resource(write(role = "manager"))]
    discount: Option<u8>,
}

#[derive(Resource)]
struct Shapes {
    #[serde(skip)]
    #[resource(read(role = "manager"))]
    unit_cost: u32,
    #[serde(skip_deserializing)]
    #[resource(write(role = "manager"))]
    discount: Option<u8>,
    #[serde(flatten)]
    #[resource(write(role = "manager"))]
    extra: std::collections::HashMap<String, String>,
    #[resource(write(role = "manager"))]
    quantity: u32,
    #[serde(default = 7)]
    #[resource(write(role = "manager"))]
    stock: u32,
    #[serde("rename")]
    note: String,
}

fn main() {}
