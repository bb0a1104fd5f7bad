use authz_core::requires;
use authz_tests::policy;

struct Shop;

impl Shop {
    #[requires(role = "clerk")]
    fn refund(order: u32) -> u32 {
        order
    }
}

fn main() {}
