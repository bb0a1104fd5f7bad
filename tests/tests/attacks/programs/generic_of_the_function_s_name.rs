//! A generic parameter has the name of the function, and hides what the attribute made.
//! A reviewer believes: `Guard<refund>` is the guard of `refund`, which takes a manager.
//! It is whatever guard the caller brings. The attribute refuses the name.

use authz_core::{Guard, Guarded, requires};
use authz_tests::policy::{self, Policy};

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund<refund: Guarded<Policy = Policy>>(guard: Guard<refund>) -> String {
    guard.subject().to_owned()
}

fn main() {}
