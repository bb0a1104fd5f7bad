use authz_core as access;
use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk")]
#[access::public(reason = "load balancer probe")]
fn both() {}

fn main() {}
