use authz_core::{Guard, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

fn forge(who: policy::Identity) -> Guard<refund> {
    Guard { identity: who, function: std::marker::PhantomData }
}

fn main() {}
