//! What opening a sealed object costs, beside the comparison written by hand; and what masks of fields
//! cost, beside the same fields without any.
//!
//! `cargo bench -p authz-core --features axum,testing --bench object`
#![expect(clippy::expect_used, reason = "a benchmark of something else has failed")]
#![expect(dead_code, reason = "guards are made here, and the functions never called")]

use authz_core::object::{Input, Masked};
use authz_core::testing::identity;
use authz_core::{Guard, Resource, Sealed, requires};
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

mod policy {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Roles)]
    pub(crate) enum Role {
        Auditor,
        Clerk,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Scopes)]
    pub(crate) enum Scope {
        #[scope("read:orders")]
        ReadOrders,
    }

    authz_core::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
}

const OWNER: &str = "5f0c7ad2-4f3f-4c56-9d0e-0d5d4b0a7c11";
const TENANT: &str = "a5b8f3de-1f49-4a61-8a8f-6c4c5a0f9e22";

#[derive(Clone, Copy, Resource)]
#[resource(owner = "customer", tenant = "org")]
struct Order {
    customer: &'static str,
    org: &'static str,
    item: u64,
}

/// The same fields as [`Plain`], two of them for some alone.
#[derive(Clone, Copy, Resource)]
struct Priced {
    customer: &'static str,
    item: u64,
    #[resource(read(role = "auditor"))]
    discount: Option<u8>,
    #[resource(read(any(role = "auditor", role = "clerk")))]
    cost: u32,
}

/// The same fields as [`PlainChange`], two of them for some alone.
#[derive(Resource)]
struct Change {
    item: u64,
    #[resource(write(role = "auditor"))]
    discount: Option<u8>,
    #[serde(default)]
    #[resource(write(any(role = "auditor", role = "clerk")))]
    cost: u32,
}

#[derive(serde::Deserialize)]
struct PlainChange {
    item: u64,
    discount: Option<u8>,
    #[serde(default)]
    cost: u32,
}

#[derive(Clone, Copy, serde::Serialize)]
struct Plain {
    customer: &'static str,
    item: u64,
    discount: Option<u8>,
    cost: u32,
}

#[requires(scope = "read:orders", object = owner, any_owner(role = "auditor"))]
fn show(guard: Guard<show>, order: Sealed<Order>) -> u64 {
    order.open(&guard).map_or(0, |order| order.item)
}

const OWN: Order = Order { customer: OWNER, org: TENANT, item: 7 };
const OF_ANOTHER: Order = Order { customer: "5f0c7ad2-4f3f-4c56-9d0e-0d5d4b0a7c12", ..OWN };

fn main() {
    divan::main();
}

fn guard(role: &str) -> Guard<show> {
    let who: policy::Identity =
        identity().subject(OWNER).tenant(TENANT).role(role).scope("read:orders").build();
    who.authorize().expect("everybody here may read orders")
}

#[divan::bench]
fn own(bencher: Bencher<'_, '_>) {
    let guard = guard("clerk");
    assert!(Sealed::new(OWN).open(&guard).is_ok());
    bencher.bench_local(|| Sealed::new(black_box(OWN)).open(black_box(&guard)).is_ok());
}

#[divan::bench]
fn own_by_hand(bencher: Bencher<'_, '_>) {
    let guard = guard("clerk");
    let own = |order: Order, guard: &Guard<show>| {
        order.customer == guard.subject() && Some(order.org) == guard.tenant()
    };
    assert!(own(OWN, &guard));
    bencher.bench_local(|| own(black_box(OWN), black_box(&guard)));
}

#[divan::bench]
fn of_any_owner(bencher: Bencher<'_, '_>) {
    let guard = guard("auditor");
    assert!(Sealed::new(OF_ANOTHER).open(&guard).is_ok());
    bencher.bench_local(|| Sealed::new(black_box(OF_ANOTHER)).open(black_box(&guard)).is_ok());
}

/// With the event, which nobody listens to here.
#[divan::bench]
fn hidden(bencher: Bencher<'_, '_>) {
    let guard = guard("clerk");
    assert!(Sealed::new(OF_ANOTHER).open(&guard).is_err());
    bencher.bench_local(|| Sealed::new(black_box(OF_ANOTHER)).open(black_box(&guard)).is_err());
}

#[divan::bench]
fn list_of_100_half_of_them_own(bencher: Bencher<'_, '_>) {
    let guard = guard("clerk");
    let list: Vec<_> = (0..50).flat_map(|_| [OWN, OF_ANOTHER]).collect();
    assert_eq!(Sealed::new(list.clone()).open(&guard).len(), 50);
    bencher
        .with_inputs(|| Sealed::new(list.clone()))
        .bench_local_values(|sealed| sealed.open(black_box(&guard)));
}

const PRICED: Priced = Priced { customer: OWNER, item: 7, discount: Some(5), cost: 1_200 };
const PLAIN: Plain = Plain { customer: OWNER, item: 7, discount: Some(5), cost: 1_200 };

/// The mask alone.
#[divan::bench]
fn masked(bencher: Bencher<'_, '_>) {
    let guard = guard("auditor");
    bencher.bench_local(|| Masked::new(black_box(PRICED), black_box(&guard)).seen().cost.is_some());
}

/// All fields, masked for whom they are for, as JSON.
#[divan::bench]
fn masked_as_json(bencher: Bencher<'_, '_>) {
    let (guard, mut text) = (guard("auditor"), Vec::with_capacity(256));
    bencher.bench_local(|| {
        text.clear();
        serde_json::to_writer(&mut text, &Masked::new(black_box(PRICED), &guard)).is_ok()
    });
    let plain = serde_json::to_vec(&PLAIN).expect("plain data");
    assert_eq!(text, plain, "the same is written");
}

/// All fields of a struct without masks.
#[divan::bench]
fn plain_as_json(bencher: Bencher<'_, '_>) {
    let mut text = Vec::with_capacity(256);
    bencher.bench_local(|| {
        text.clear();
        serde_json::to_writer(&mut text, &black_box(PLAIN)).is_ok()
    });
}

const CHANGE: &str = r#"{"item":7,"discount":5,"cost":1200}"#;

/// All fields, read of JSON and accepted.
#[divan::bench]
fn accepted_of_json(bencher: Bencher<'_, '_>) {
    let guard = guard("auditor");
    let accepted = |text: &str| {
        let input: Input<Change> = serde_json::from_str(text).ok()?;
        input.accept(&guard).ok().map(|change| (change.item, change.discount, change.cost))
    };
    assert_eq!(accepted(CHANGE), Some((7, Some(5), 1_200)));
    bencher.bench_local(|| accepted(black_box(CHANGE)));
}

/// All fields of a struct without masks.
#[divan::bench]
fn plain_of_json(bencher: Bencher<'_, '_>) {
    let read = |text: &str| {
        let change: PlainChange = serde_json::from_str(text).ok()?;
        Some((change.item, change.discount, change.cost))
    };
    bencher.bench_local(|| read(black_box(CHANGE)));
}
