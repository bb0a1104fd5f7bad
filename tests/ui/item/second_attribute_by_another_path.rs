use authz_core as access;
use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk")]
#[access::public(reason = "load balancer probe")]
fn both() {}

struct Shop;

impl Shop {
    #[requires(role = "clerk", identity = who)]
    #[access::public(reason = "load balancer probe")]
    fn refund(&self, who: &policy::Identity) -> Result<(), authz_core::Denied> {
        let _ = who;
        Ok(())
    }
}

fn main() {
    let _ = Shop;
}
