use authz_core::{manual, public, requires};
use authz_tests::policy;

struct Desk;

#[manual(reason = "the bodies ask the shop")]
impl Desk {
    fn hours(&self) -> u32 {
        9
    }
}

#[public(reason = "load balancer probe")]
mod probes {
    pub async fn health() {}
}

#[requires(role = "clerk")]
mod orders {
    #[authz_core::public(reason = "load balancer probe")]
    mod probes {
        #[authz_core::requires]
        pub fn health() {}
    }
}

fn main() {}
