use authz_core::{manual, public};
use authz_tests::policy;

#[public(reson = "load balancer probe")]
fn misspelt() {}

#[manual(because = "the body asks the shop")]
fn unheard_of() {}

fn main() {}
