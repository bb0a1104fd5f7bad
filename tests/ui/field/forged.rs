use authz_core::object::{ReadMask, WriteMask};
use authz_core::registry::Resource;
use authz_tests::policy::Policy;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order {
    cost: u64,
}

impl ReadMask for Order {
    type Policy = Policy;
    type Seen<'a> = &'a Order;
}

impl WriteMask for Order {
    type Policy = Policy;
    const RESOURCE: &'static Resource = todo!();
}

fn main() {}
