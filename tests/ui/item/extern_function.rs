use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk")]
extern "C" fn refund(order: u32) -> u32 {
    order
}

fn main() {}
