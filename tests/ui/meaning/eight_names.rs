use authz_core::requires;
use authz_tests::ledger;

#[requires(
    any(role = "clerk", scope = "book", mfa, acr = "gold", acr = "silver", max_age = "5m"),
    any(max_age = "1h", scope = "read"),
    any(max_age = "1h", scope = "read", mfa),
    policy = ledger
)]
fn judged() {}

fn main() {}
