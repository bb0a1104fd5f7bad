use authz_core::public;
use authz_tests::policy::{self, Verifier};

struct ListOrders;

#[public(reason = "load balancer probe")]
async fn health() {}

fn layers(verifier: Verifier) {
    let _ = verifier.guard::<ListOrders>();
    let _ = verifier.guard::<health>();
}

fn main() {}
