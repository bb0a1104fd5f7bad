use authz_core::requires;

unsafe extern "C" {
    #[requires(role = "clerk")]
    fn refund(order: u32) -> u32;
}

fn main() {}
