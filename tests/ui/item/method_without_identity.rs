use authz_core::{manual, requires};
use authz_tests::policy;

struct Shop;

impl Shop {
    #[requires(role = "clerk")]
    fn refund(&self, order: u32) -> u32 {
        order
    }

    #[manual(reason = "the body asks the shop")]
    fn me(&self) {}

    #[requires(role = "clerk")]
    fn open() -> Self {
        Self
    }
}

fn main() {
    Shop::open().refund(7);
}
