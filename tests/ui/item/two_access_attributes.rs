use authz_core::{manual, public, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
#[public(reason = "load balancer probe")]
fn both() {}

#[manual(reason = "the body asks the shop")]
#[authz_core::manual(reason = "it does")]
async fn twice() {}

fn main() {}
