//! Every argument in its right form; each a neighbour of the mistakes in `args`.

use authz_core::{Denied, manual, public, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn role() {}

#[requires(role = "clerk", route = "POST /orders/{id}/refund")]
async fn route() {}

#[public(reason = "files of the shop", route = "GET /files/{*path}")]
async fn route_of_files() {}

#[manual(reason = "the body looks at the order", route = "GET /")]
async fn route_of_the_root() {}

#[requires(scope = "write:orders",)]
fn trailing_comma() {}

#[requires(authenticated)]
fn authenticated() {}

#[requires(mfa, acr = "urn:gold", max_age = "5m")]
fn authentication() {}

#[requires(max_age = "30s")]
fn seconds() {}

#[requires(max_age = "1h")]
fn hours() {}

#[requires(max_age = "36500d")]
fn a_hundred_years() {}

#[requires(any(acr = "silver", acr = "gold"))]
fn either_class() {}

#[requires(any(role = "clerk", role = "auditor"), scope = "read:orders")]
fn any_of_two() {}

#[requires(all(role = "clerk", mfa))]
fn all_of_two() {}

#[requires(role = "clerk", not(role = "auditor"))]
fn not_one() {}

#[requires(role = "clerk", not(any(role = "auditor", role = "admin")))]
fn none_of_two() {}

// 32 deep, the most that may be.
#[rustfmt::skip]
#[requires(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(mfa)))))))))))))))))))))))))))))))))]
fn deep() {}

#[requires(mfa, policy = crate::policy, crate = ::authz_core, identity = who)]
fn every_option(who: &policy::Identity) -> Result<(), Denied> {
    Ok(())
}

#[requires(mfa, policy = policy::Policy)]
fn policy_by_its_type() {}

#[public(reason = "load balancer probe")]
fn health() {}

#[public(reason = "load balancer probe", policy = crate::policy, crate = ::authz_core)]
async fn health_of_a_service() {}

#[manual(reason = "the body asks the shop")]
fn me() {}

#[manual(reason = "the body asks the shop", identity = who)]
fn me_again(who: &policy::Identity) -> Result<(), Denied> {
    Ok(())
}

fn main() {}
