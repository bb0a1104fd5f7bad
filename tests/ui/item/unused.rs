#![deny(dead_code)]

use authz_core::{Guard, manual, public, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn without_guard() {}

#[requires(role = "clerk")]
fn with_guard(guard: Guard<with_guard>) {
    drop(guard);
}

#[public(reason = "load balancer probe")]
fn health() {}

#[manual(reason = "the body asks the shop")]
async fn me() {}

struct Shop;

impl Shop {
    #[requires(role = "clerk", identity = who)]
    fn refund(&self, who: &policy::Identity) -> Result<(), authz_core::Denied> {
        Ok(())
    }
}

fn main() {
    let _ = Shop;
}
