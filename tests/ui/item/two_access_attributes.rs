use authz_core::{manual, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
#[authz_core::public(reason = "load balancer probe")]
fn both() {}

#[manual(reason = "the body asks the shop")]
#[manual(reason = "it does")]
async fn twice() {}

fn main() {}
