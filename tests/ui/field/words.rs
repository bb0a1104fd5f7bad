use authz_core::Resource;
use authz_tests::policy;

#[derive(Resource)]
struct Empty {
    #[resource(read())]
    unit_cost: u32,
    #[resource(write())]
    discount: Option<u8>,
}

#[derive(Resource)]
struct Everybody {
    #[resource(read(authenticated))]
    unit_cost: u32,
}

#[derive(Resource)]
#[resource(owner = "customer")]
struct Misspelt {
    customer: String,
    #[resource(reed(role = "manager"))]
    unit_cost: u32,
    #[resource(read(roles = "manager"))]
    margin: u32,
    #[resource(read = "manager")]
    note: String,
    #[resource("manager")]
    supplier: String,
    #[resource]
    stock: u32,
}

#[derive(Resource)]
#[resource(owner = "customer")]
struct Twice {
    customer: String,
    #[resource(read(role = "manager"), read(role = "auditor"))]
    unit_cost: u32,
}

#[derive(Resource)]
struct SamePart {
    #[resource(write(role = "manager", role = "manager"))]
    discount: Option<u8>,
    #[resource(write(not(authenticated)), read(all()))]
    stock: Option<u8>,
}

#[derive(Resource)]
struct OfTheStruct {
    #[resource(owner = "customer")]
    customer: String,
    #[resource(policy = crate::policy)]
    unit_cost: u32,
}

#[derive(Resource)]
#[resource(owner = "customer", read(role = "manager"))]
struct OfTheField {
    customer: String,
}

#[derive(Resource)]
#[resource(owner = "customer", policy = crate::policy)]
struct PolicyOfNothing {
    customer: String,
}

fn main() {}
