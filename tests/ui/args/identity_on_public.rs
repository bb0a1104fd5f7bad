use authz_core::public;
use authz_tests::policy;

#[public(reason = "load balancer probe", identity = who)]
fn health(who: &policy::Identity) {}

fn main() {}
