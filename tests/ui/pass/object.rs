//! What is sealed, and who opens it; each a neighbour of the mistakes in `object`.

use std::borrow::Cow;
use std::sync::Arc;

use authz_core::object::{Hidden, Id, Sealed};
use authz_core::testing::identity;
use authz_core::{Guard, Resource, manual, requires};
use authz_tests::policy::{self, Identity};

struct CustomerId(u128);

impl Id for CustomerId {
    fn is(&self, name: &str) -> bool {
        self.0.to_string() == name
    }
}

#[derive(Resource)]
#[resource(owner = "customer", issuer = "issuer", tenant = "type")]
struct Order<'a, T: Clone> {
    customer: CustomerId,
    issuer: Cow<'a, str>,
    r#type: Option<Arc<str>>,
    item: T,
}

#[derive(Debug, PartialEq, Resource)]
#[resource(owner = "customer")]
struct Note {
    customer: &'static str,
    text: String,
}

#[derive(Resource)]
#[resource(tenant = "org", crate = ::authz_core)]
struct PriceList {
    org: i64,
}

fn note(id: u64) -> Sealed<Option<Note>> {
    Sealed::new((id == 1).then(|| Note { customer: "ann", text: "ink".to_owned() }))
}

#[requires(scope = "read:orders", object = owner)]
fn show(guard: Guard<show>, id: u64) -> Result<String, Hidden> {
    let found = note(id).open(&guard)?;
    Ok(format!("{} of {}", found.text, guard.subject()))
}

#[requires(
    scope = "read:orders",
    object = owner,
    any_owner(role = "auditor", any(mfa, max_age = "5m"))
)]
async fn inspect(guard: Guard<inspect>, notes: Sealed<Vec<Note>>) -> Vec<Note> {
    opened(notes, &guard)
}

fn opened(notes: Sealed<Vec<Note>>, guard: &Guard<inspect>) -> Vec<Note> {
    notes.open(guard)
}

#[requires(role = "clerk", object = owner, any_owner(role = policy::Role::Manager))]
fn of_generics(guard: Guard<of_generics>, order: Order<'_, u8>) -> u8 {
    Sealed::from(order).open(&guard).map_or(0, |order| order.item)
}

#[requires(authenticated)]
mod desk {
    use authz_core::{Guard, Sealed, requires};

    #[requires(scope = "read:orders", object = owner)]
    pub fn prices(guard: Guard<prices>, list: Sealed<super::PriceList>) -> bool {
        list.open(&guard).is_ok()
    }
}

#[requires(role = "auditor", object = any)]
fn of_anybody(guard: Guard<of_anybody>, notes: Sealed<Vec<Note>>) -> Vec<Note> {
    notes.open(&guard)
}

#[manual(reason = "shows the caller nothing but the caller")]
fn own(guard: Guard<own>) -> String {
    guard.subject().to_owned()
}

fn main() {
    let ann: Identity = identity().subject("ann").scope("read:orders").tenant("7").build();
    let bob: Identity = identity().subject("bob").scope("read:orders").build();
    assert_eq!(show(ann.authorize().unwrap(), 1).unwrap(), "ink of ann");
    assert_eq!(show(bob.authorize().unwrap(), 1), show(bob.authorize().unwrap(), 2));
    let list = Sealed::new(PriceList { org: 7 });
    assert!(desk::prices(ann.authorize().unwrap(), list));
    let _ = (inspect, of_generics, of_anybody, own);
}
