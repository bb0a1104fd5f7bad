use authz_core::{Guard, requires};
use authz_tests::policy;

struct Shop;

impl Shop {
    #[requires(role = "clerk")]
    fn refund(&self, guard: Guard<refund>) {}
}

fn main() {}
