use authz_core::{Guard, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

struct Order;

fn caller() {
    let _: Option<Guard<Order>> = None;
}

fn main() {}
