use authz_core::requires;
use authz_tests::policy;

use authz_core::{Guard, Guarded, OpenToAll, manual, public};

#[requires(role = "clerk")]
fn refund<refund: Guarded>(guard: Guard<refund>, order: u32) -> u32 {
    order
}

#[manual(reason = "the body asks the shop")]
fn me<T, const me: usize>(order: [u32; me], other: T) {}

#[public(reason = "load balancer probe")]
fn health<r#health: OpenToAll>() {}

fn main() {}
