use authz_core::requires;
use authz_tests::policy;

#[requires(role = "admin", role = "clerk")]
fn wider_first() {}

#[requires(role = policy::Role::Clerk, scope = "read:orders", role = policy::Role::Admin)]
fn wider_last() {}

#[requires(all(role = "admin", all(role = "clerk", mfa)))]
fn across_groups() {}

fn main() {}
