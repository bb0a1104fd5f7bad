use authz_core::requires;
use authz_tests::policy;

struct Shop;

#[requires(role = "clerk", identity = who, route = "POST /orders")]
impl Shop {
    #[requires]
    fn place(&self, who: &policy::Identity) -> Result<(), authz_core::Denied> {
        let _ = who.subject();
        Ok(())
    }
}

fn main() {}
