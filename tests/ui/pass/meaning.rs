//! Requirements in which every part makes a difference; each a neighbour of the mistakes in `meaning`.

use authz_core::requires;
use authz_tests::{ledger, policy};

#[requires(any(role = "admin", role = "clerk"))]
fn either_of_two() {}

#[requires(any(role = "admin", role = "clerk"), scope = "read:orders")]
fn a_dead_branch_is_harmless() {}

#[requires(role = "clerk", not(role = "admin"))]
fn without_the_greater_role() {}

#[requires(scope = "read:orders", not(scope = "write:orders"))]
fn read_only() {}

#[requires(any(role = "clerk", all(mfa, not(mfa))))]
fn a_branch_for_nobody() {}

#[requires(max_age = "1h", not(max_age = "5m"))]
fn neither_fresh_nor_stale() {}

#[requires(any(acr = "gold", acr = "silver"), not(acr = "silver"))]
fn a_class_taken_back() {}

#[requires(any(role = "clerk", role = "auditor"), policy = ledger)]
fn one_of_two_that_exclude_each_other() {}

#[requires(not(role = "auditor"), not(role = "clerk"), policy = ledger)]
fn neither_of_two_that_exclude_each_other() {}

#[requires(any(bound, mfa), any(bound, max_age = "5m"), not(acr = "bronze"))]
fn bound_or_in_another_way() {}

// Nine names: nothing is said, right or wrong.
#[requires(
    any(role = "clerk", role = "manager", role = "auditor", role = "inspector", mfa),
    any(acr = "gold", acr = "silver", acr = "bronze", max_age = "5m"),
    any(role = "clerk", role = "manager", role = "auditor", role = "inspector", mfa, acr = "gold"),
    policy = ledger
)]
fn beyond_the_limit() {}

fn main() {}
