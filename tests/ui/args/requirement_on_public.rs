use authz_core::{manual, public};
use authz_tests::policy;

#[public(role = "clerk")]
fn health() {}

#[manual(mfa, reason = "the body asks the shop")]
fn me() {}

fn main() {}
