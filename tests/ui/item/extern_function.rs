use authz_core::requires;

#[requires(role = "clerk")]
extern "C" fn refund(order: u32) -> u32 {
    order
}

#[requires(role = "clerk")]
extern "system" fn cancel() {}

fn main() {}
