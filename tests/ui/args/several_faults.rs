use authz_core::requires;
use authz_tests::policy;

#[requires(rol = "clerk", max_age = 5, any(scope = 1, mfa = true), mfa, mfa)]
fn refund(order: u32) -> u32 {
    order
}

fn refund_again(guard: authz_core::Guard<refund>) -> u32 {
    refund(guard, 7)
}

fn main() {}
