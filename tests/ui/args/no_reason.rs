use authz_core::{manual, public};
use authz_tests::policy;

#[public]
fn health() {}

#[manual()]
fn me() {}

fn main() {}
