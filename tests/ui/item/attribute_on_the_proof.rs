use authz_core::requires;
use authz_tests::policy;

use authz_core::{Guard, Open, public};

#[requires(role = "clerk")]
fn refund(#[cfg(feature = "audit")] guard: Guard<refund>, order: u32) -> u32 {
    order
}

#[requires(role = "clerk")]
async fn payroll(#[cfg(any())] _guard: Guard<payroll>, _open: Open<health>) {}

#[public(reason = "load balancer probe")]
async fn health(#[cfg_attr(all(), cfg(any()))] _open: Open<health>) {}

fn main() {}
