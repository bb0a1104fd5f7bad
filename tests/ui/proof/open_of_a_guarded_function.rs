use authz_core::{Open, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

fn forge() {
    let _: Option<Open<refund>> = None;
}

fn main() {}
