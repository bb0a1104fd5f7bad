use authz_core::{Guard, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

fn caller(guard: Guard<list>) -> u32 {
    refund(guard, 7)
}

fn main() {}
