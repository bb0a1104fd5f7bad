use authz_core::requires;

#[requires(role = "clerk")]
const fn refund(order: u32) -> u32 {
    order
}

const ORDER: u32 = refund(7);

fn main() {}
