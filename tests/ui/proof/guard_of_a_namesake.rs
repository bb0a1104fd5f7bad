use authz_core::{Guard, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

mod stock {
    use authz_tests::policy;

    #[authz_core::requires(role = "clerk", policy = policy)]
    pub fn cancel() {}
}

#[requires(role = "admin")]
fn cancel(_guard: Guard<stock::cancel>) {}

fn main() {}
