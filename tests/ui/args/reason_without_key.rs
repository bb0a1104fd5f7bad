use authz_core::{manual, public};
use authz_tests::policy;

#[public("load balancer probe")]
fn health() {}

#[manual("the body asks the shop")]
async fn me() {}

fn main() {}
