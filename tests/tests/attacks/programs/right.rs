//! The neighbour of all of these: the same services as they should be.

use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::{Guard, Open, public, requires};
use authz_tests::policy::{self, Policy};

#[public(reason = "load balancer probe, asked every second")]
async fn health(_open: Open<health>) -> &'static str {
    "up"
}

#[requires(role = "manager")]
async fn refund<T: Send + 'static>(guard: Guard<refund>) -> String {
    guard.subject().to_owned()
}

#[requires(role = "manager")]
async fn payroll(_guard: Guard<payroll>) -> &'static str {
    "salaries"
}

pub struct Shop;

#[requires(role = "manager")]
pub mod shop {
    use authz_core::requires;

    const _: () = {
        let _ = 2 + 2;
    };

    #[requires]
    pub fn wipe(_shop: &super::Shop) {}
}

fn main() {
    let _ = Router::<Policy>::new()
        .route("/health", get(health))
        .route("/refund", post(refund::<u8>))
        .route("/payroll", get(payroll));
}
