use authz_core::requires;
use authz_tests::policy;

authz_core::rule!(Refund = mfa);

#[requires(rule = "Refund")]
fn quoted() {}

#[requires(rule)]
fn no_value() {}

#[requires(rule = )]
fn nothing() {}

#[requires(rule = Refund, mfa, rule = Refund)]
fn twice() {}

fn main() {}
