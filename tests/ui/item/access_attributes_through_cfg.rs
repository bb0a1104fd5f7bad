use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk")]
#[cfg_attr(all(), authz_core::public(reason = "load balancer probe"))]
fn both() {}

fn main() {}
