use authz_core::{public, requires};

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

#[requires(role = "clerk")]
const LIMIT: u32 = 7;

#[requires(role = "clerk")]
static COUNT: u32 = 7;

#[requires(role = "clerk")]
type Orders = Vec<Order>;

#[requires(role = "clerk")]
use std::fmt;

#[requires(role = "clerk")]
macro_rules! order {
    () => {};
}

fn main() {}
