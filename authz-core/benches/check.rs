//! What a check of a role and a scope costs, with 4 names and with 4,096 in each vocabulary.
//!
//! `cargo bench -p authz-core --features axum,testing --bench check`
#![expect(dead_code, reason = "a guarded function is asked about here, never called")]

use authz_core::testing::identity;
use authz_core::{Guard, Guarded, Identity, requires};
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

macro_rules! declare {
    ($($name:ident)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Roles)]
        pub(crate) enum Role { $($name),* }

        #[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Scopes)]
        pub(crate) enum Scope { $($name),* }

        authz_core::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
    };
}

mod small {
    declare! { V0 V1 V2 V3 }
}

mod large {
    include!("support/names_4096.rs");
}

#[requires(policy = crate::small, role = "v3", scope = "v3")]
fn of_4(_guard: Guard<of_4>) {}

#[requires(policy = crate::large, role = "v4095", scope = "v4095")]
fn of_4096(_guard: Guard<of_4096>) {}

fn main() {
    divan::main();
}

fn permits<F: Guarded>(bencher: Bencher<'_, '_>, identity: &Identity<F::Policy>) {
    assert!(identity.permits::<F>(), "the check is refused");
    bencher.bench_local(|| black_box(identity).permits::<F>());
}

fn authorize<F: Guarded>(bencher: Bencher<'_, '_>, identity: &Identity<F::Policy>) {
    assert!(identity.authorize::<F>().is_ok(), "the check is refused");
    bencher.bench_local(|| black_box(identity).authorize::<F>().is_ok());
}

#[divan::bench]
fn permits_of_4(bencher: Bencher<'_, '_>) {
    permits::<of_4>(bencher, &identity().role("v3").scope("v3").build());
}

#[divan::bench]
fn permits_of_4096(bencher: Bencher<'_, '_>) {
    permits::<of_4096>(bencher, &identity().role("v4095").scope("v4095").build());
}

#[divan::bench]
fn authorize_of_4(bencher: Bencher<'_, '_>) {
    authorize::<of_4>(bencher, &identity().role("v3").scope("v3").build());
}

#[divan::bench]
fn authorize_of_4096(bencher: Bencher<'_, '_>) {
    authorize::<of_4096>(bencher, &identity().role("v4095").scope("v4095").build());
}
