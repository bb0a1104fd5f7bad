//! A type of the service's own says that it is the proof of a public function.
//! A reviewer believes: whatever is served is listed, with its reason.
//! `payroll` would be served under the reason of the probe. Only an attribute can write such a type.

use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::registry::Function;
use authz_core::{Guarded, Open, OpenToAll, requires};
use authz_tests::policy::{self, Policy};

#[requires(role = "manager")]
async fn refund() {}

struct Payroll;

impl OpenToAll for Payroll {
    type Policy = Policy;
    const FUNCTION: &'static Function = <refund as Guarded>::FUNCTION;
}

async fn payroll(_: Open<Payroll>) -> &'static str {
    "salaries"
}

fn main() {
    let _ = Router::<Policy>::new().route("/payroll", get(payroll));
}
