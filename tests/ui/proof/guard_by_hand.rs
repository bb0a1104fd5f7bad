use authz_core::{Guard, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn list() {}

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

fn literal(who: policy::Identity) -> Guard<refund> {
    Guard { identity: who, function: std::marker::PhantomData }
}

fn constructor(who: policy::Identity) -> Guard<refund> {
    Guard::new(who)
}

fn default() -> Guard<refund> {
    Guard::default()
}

fn conversion(who: policy::Identity) -> Guard<refund> {
    who.into()
}

fn main() {}
