//! A handler without an attribute takes the proof of a function that has one.
//! A reviewer believes: what is served is what carries an attribute, since nothing else is a handler.
//! `payroll` would be served to everybody, in the listing as the probe. The router refuses to be built.

use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::{Open, public};
use authz_tests::policy::Policy;

#[public(reason = "load balancer probe")]
async fn health(_open: Open<health>) -> &'static str {
    "up"
}

async fn payroll(_open: Open<health>) -> &'static str {
    "salaries"
}

pub(crate) fn attack() -> Router<Policy> {
    Router::new().route("/health", get(health)).route("/payroll", get(payroll))
}

pub(crate) fn closure() -> Router<Policy> {
    Router::new().route("/payroll", get(|_: Open<health>| async { "salaries" }))
}

/// The same service as it should be.
pub(crate) fn neighbour() -> Router<Policy> {
    Router::new().route("/health", get(health))
}
