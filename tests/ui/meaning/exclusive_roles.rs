use authz_core::requires;
use authz_tests::ledger;

#[requires(role = "clerk", role = "auditor", policy = ledger)]
fn themselves() {}

#[requires(role = "manager", role = ledger::Role::Inspector, policy = ledger)]
fn what_they_include() {}

fn main() {}
