//! The guard is a parameter of the function only where a feature is on.
//! A reviewer believes: `refund` is guarded, as the manifest says.
//! Without the feature anybody calls it without a guard. The attribute refuses to be taken away from below it.

use authz_core::axum::Router;
use authz_core::axum::routing::post;
use authz_core::{Guard, Open, public, requires};
use authz_tests::policy::{self, Policy};

#[public(reason = "load balancer probe")]
async fn health() {}

#[requires(role = "manager")]
async fn refund(#[cfg(any())] guard: Guard<refund>, _open: Open<health>) -> &'static str {
    "refunded"
}

fn main() {
    let _ = Router::<Policy>::new().route("/refund", post(refund));
}
