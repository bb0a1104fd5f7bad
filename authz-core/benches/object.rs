//! What opening a sealed object costs, beside the comparison written by hand.
//!
//! `cargo bench -p authz-core --features axum,testing --bench object`
#![expect(clippy::expect_used, reason = "a benchmark of something else has failed")]
#![expect(dead_code, reason = "guards are made here, and the functions never called")]

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
