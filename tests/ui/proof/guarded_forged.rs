use authz_core::requires;
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

impl authz_core::Guarded for refund {
    type Policy = policy::Policy;
    const FUNCTION: &'static authz_core::registry::Function = todo!();

    fn permits(_: &policy::Identity) -> bool {
        true
    }
}

fn main() {}
