use authz_core::{public, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
#[cfg_attr(all(), public(reason = "load balancer probe"))]
fn both() {}

fn main() {}
