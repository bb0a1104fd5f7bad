//! How a guard comes about and what it opens; each a neighbour of the mistakes in `proof`.

use authz_core::{Denied, Guard, Open, public, requires};
use authz_tests::policy::{self, Identity};

#[requires(role = "manager")]
fn refund(order: u32) -> u32 {
    order
}

#[requires(role = "clerk")]
fn cancel(guard: Guard<cancel>, order: u32) -> String {
    format!("{} cancelled {order}", guard.subject())
}

#[public(reason = "load balancer probe")]
async fn health() {}

fn caller(who: &Identity) -> Result<u32, Denied> {
    let guard = who.authorize::<refund>()?;
    Ok(refund(guard, 7))
}

fn caller_of_two(who: &Identity) -> Result<String, Denied> {
    refund(who.authorize()?, 7);
    Ok(cancel(who.authorize()?, 7))
}

fn proof_in_a_signature(guard: Guard<refund>) -> Identity {
    let holds: bool = guard.permits::<cancel>();
    assert!(holds || !holds);
    guard.into_identity()
}

async fn caller_of_a_public_function() {
    health(Open::new()).await;
}

fn main() {
    let _ = (caller, caller_of_two, proof_in_a_signature, caller_of_a_public_function);
}
