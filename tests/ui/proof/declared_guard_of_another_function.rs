use authz_core::{Guard, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

#[requires(role = "clerk")]
fn cancel(_guard: Guard<list>) {}

fn caller(guard: Guard<list>) {
    cancel(guard)
}

fn main() {}
