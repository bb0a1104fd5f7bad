use authz_core::{manual, public};
use authz_tests::policy;

#[public(reason = "")]
fn health() {}

#[manual(reason = "  ")]
fn me() {}

fn main() {}
