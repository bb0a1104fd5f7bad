use authz_core::{manual, public, requires};

#[requires(role = "clerk")]
struct Order;

#[requires(role = "clerk")]
enum Status {
    Open,
}

#[requires(role = "clerk")]
union Bits {
    whole: u32,
}

#[public(reason = "load balancer probe")]
trait Health {}

#[manual(reason = "the body asks the shop")]
impl Order {
    fn cancel() {}
}

#[requires(role = "clerk")]
const LIMIT: u32 = 7;

#[requires(role = "clerk")]
static COUNT: u32 = 7;

#[requires(role = "clerk")]
type Orders = Vec<Order>;

#[requires(role = "clerk")]
mod orders {}

#[requires(role = "clerk")]
use std::fmt;

#[requires(role = "clerk")]
macro_rules! order {
    () => {};
}

fn main() {}
