use authz_core::requires;

trait Shop {
    #[requires(role = "clerk")]
    fn refund(&self, order: u32) -> u32;
}

fn main() {}
