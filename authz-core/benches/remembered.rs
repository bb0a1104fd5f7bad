//! What a token costs that was verified before: from its text to an identity, time, keys and
//! revocations checked again.
//!
//! With two threads both present the same token. Beside it are the parts that any cache would have:
//! the hash of the token, and its comparison.
//!
//! `cargo bench -p authz-core --features axum,testing --bench remembered`
#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up has nothing to tell")]

use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::LazyLock;

use authz_core::http::RequestHead;
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{Revocation, Revocations};
use divan::{AllocProfiler, Bencher, black_box};
use http::Request;

#[path = "support/policy.rs"]
mod policy;
#[path = "support/poll_once.rs"]
mod poll_once;

use poll_once::poll_once;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const ISSUER: &str = "https://id.example.com/realms/shop";
const AUDIENCE: &str = "orders-api";

fn main() {
    divan::main();
}

/// A verifier on the system's clock, as in a service, and a token that it has seen.
static SEEN: LazyLock<(policy::Verifier, String)> = LazyLock::new(|| {
    let issuer = TestIssuer::new(ISSUER);
    let revocations = Revocations::new();
    let verifier = policy::Verifier::builder()
        .issuer(issuer.trusted())
        .audience(AUDIENCE)
        .revocations(&revocations)
        .build()
        .unwrap();
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let token = issuer
        .token(&Clock::at(now), AUDIENCE)
        .role("clerk")
        .scope("write:orders")
        .scope("read:orders")
        .claim("exp", now + 36_000)
        .claim("padding", "x".repeat(60))
        .sign();
    poll_once(async {
        revocations.revoke(Revocation::token(ISSUER, "another")).await.unwrap();
        verifier.verify(&token).await.unwrap();
    });
    (verifier, token)
});

#[divan::bench(sample_size = 1000, sample_count = 500, threads = [1, 2])]
fn remembered(bencher: Bencher<'_, '_>) {
    let (verifier, token) = &*SEEN;
    bencher.bench(|| poll_once(verifier.verify(black_box(token))).unwrap());
}

/// The same from a request, as a gate does it.
#[divan::bench(sample_size = 1000, sample_count = 500, threads = [1, 2])]
fn remembered_from_a_request(bencher: Bencher<'_, '_>) {
    let (verifier, token) = &*SEEN;
    let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(());
    let request = request.unwrap();
    bencher
        .bench(|| poll_once(verifier.authenticate(RequestHead::of(black_box(&request)))).unwrap());
}

#[divan::bench(sample_size = 1000, sample_count = 500)]
fn part_hash_of_the_token(bencher: Bencher<'_, '_>) {
    let state = foldhash::quality::RandomState::default();
    let (_, token) = &*SEEN;
    bencher.bench(|| {
        let mut hasher = state.build_hasher();
        hasher.write(black_box(token).as_bytes());
        hasher.finish()
    });
}

#[divan::bench(sample_size = 1000, sample_count = 500)]
fn part_comparison_of_the_token(bencher: Bencher<'_, '_>) {
    let (_, token) = &*SEEN;
    let other = token.clone();
    bencher.bench(|| black_box(token) == black_box(&other));
}

#[divan::bench(sample_size = 1000, sample_count = 500)]
fn part_clock() -> std::time::SystemTime {
    std::time::SystemTime::now()
}
