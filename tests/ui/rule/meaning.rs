use authz_core::requires;
use authz_tests::policy;

authz_core::rule!(Faulty = all(role = "admin", role = "clerk"));
authz_core::rule!(Nobody = all(mfa, not(mfa)));
authz_core::rule!(Refund = all(role = "clerk", mfa));

authz_core::rule!(OneFactor = not(mfa));

#[requires(rule = Refund, mfa)]
fn adds_nothing() {}

#[requires(any(rule = OneFactor, mfa))]
fn everybody() {}

#[requires(rule = Refund, not(role = "clerk"))]
fn contradicts() {}

#[requires(rule = Refund, any(mfa, role = "admin"))]
fn alternative() {}

fn main() {}
