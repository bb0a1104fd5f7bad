use authz_core::requires;
use authz_tests::ledger;

#[requires(role = "clerk", not(role = "auditor"), policy = ledger)]
fn excluded_anyway() {}

#[requires(not(role = "inspector"), role = "manager", policy = ledger)]
fn excluded_by_what_both_include() {}

#[requires(not(role = "clerk"), not(role = "manager"), policy = ledger)]
fn wider_role() {}

#[requires(not(scope = "book"), not(scope = "read"), policy = ledger)]
fn wider_scope() {}

#[requires(acr = "gold", not(acr = "silver"), policy = ledger)]
fn one_class() {}

fn main() {}
