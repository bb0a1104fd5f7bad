use authz_core::{public, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

#[public(reason = "load balancer probe")]
async fn health() {}

fn caller(who: &policy::Identity) {
    let _ = who.authorize::<health>();
}

fn main() {}
