//! What it costs to refuse a token, since anybody can send one: the cheaper, the less a flood of them
//! does.
//!
//! The keys are those of an issuer, fetched and kept fresh. A thousand tokens name each another key that
//! is not there; the first of them starts a flight, and what is measured are those after it, for which
//! nobody is asked.
//!
//! `cargo bench -p authz-core --features axum,limit,remote,testing --bench refused`
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark that can't be set up has nothing to tell"
)]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authz_core::http::{FailureLimit, RequestHead};
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{FetchAnswer, HttpClient, Issuer, Limits, TokenError};
use divan::{AllocProfiler, Bencher, black_box};
use http::{Request, Response};
use tokio::runtime::Runtime;

mod policy {
    use authz_core::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub(crate) enum Role {
        Clerk,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub(crate) enum Scope {
        #[scope("write:orders")]
        WriteOrders,
    }

    authz_core::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
}

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const ISSUER: &str = "https://id.example.com/realms/shop";
const AUDIENCE: &str = "orders-api";

/// An issuer in memory.
struct Canned(String);

impl HttpClient for Canned {
    fn send(&self, _: Request<Vec<u8>>, _: Limits) -> FetchAnswer<'_> {
        let answer = self.0.clone().into_bytes();
        Box::pin(async { Ok(Response::new(answer)) })
    }
}

struct Subject {
    verifier: policy::Verifier,
    known: TestIssuer,
    /// Of the task that fetches.
    _runtime: Runtime,
}

static SUBJECT: LazyLock<Subject> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
    let known = TestIssuer::new(ISSUER);
    let issuer = Issuer::with_jwks_uri(ISSUER, "https://id.example.com/keys");
    let client = Canned(known.jwks().to_owned());
    let builder = policy::Verifier::discover(issuer).audience(AUDIENCE).http_client(client);
    let verifier = runtime.block_on(builder.build()).unwrap();
    Subject { verifier, known, _runtime: runtime }
});

fn main() {
    divan::main();
}

#[divan::bench(sample_size = 1000)]
fn no_token(bencher: Bencher<'_, '_>) {
    refused(bencher, &["swordfish".to_owned()], &TokenError::Format);
}

#[divan::bench(sample_size = 1000)]
fn too_long(bencher: Bencher<'_, '_>) {
    let error = TokenError::TooLong { length: 9000, limit: 8192 };
    refused(bencher, &["x".repeat(9000)], &error);
}

#[divan::bench(sample_size = 1000)]
fn of_an_unknown_key(bencher: Bencher<'_, '_>) {
    let other = TestIssuer::new(ISSUER);
    let token = |number: usize| {
        let kid = format!("nobody-has-this-key-{number:04}");
        other.token(&now(), AUDIENCE).role("clerk").kid(Some(&kid)).sign()
    };
    let tokens: Vec<_> = (0..1000).map(token).collect();
    refused(bencher, &tokens, &TokenError::UnknownKey);
}

/// What a signature costs which is not good: nobody can tell without looking at it.
#[divan::bench(sample_size = 100)]
fn of_another_signer(bencher: Bencher<'_, '_>) {
    let token = TestIssuer::new(ISSUER).token(&now(), AUDIENCE).role("clerk").sign();
    refused(bencher, &[token], &TokenError::Signature);
}

#[divan::bench(sample_size = 100)]
fn expired(bencher: Bencher<'_, '_>) {
    let token = SUBJECT.known.token(&now(), AUDIENCE).role("clerk").expired().sign();
    refused(bencher, &[token], &TokenError::Expired);
}

/// A request from a source that failed too often: until there is a denial to be answered.
#[divan::bench(sample_size = 1000)]
fn of_a_source_that_waits(bencher: Bencher<'_, '_>) {
    let limit = FailureLimit::new(1, Duration::from_secs(24 * 60 * 60));
    let source = |head: RequestHead<'_>| head.headers().get("source").cloned();
    let verifier = SUBJECT.verifier.clone().limit_failures(limit, source).unwrap();
    let request = Request::get("/").header("source", "192.0.2.7");
    let request = request.header("authorization", "Bearer a.b.c").body(()).unwrap();
    let ask = || wait_for(verifier.authenticate(RequestHead::of(black_box(&request))));
    assert_eq!(ask().unwrap_err().status(), 401);
    assert_eq!(ask().unwrap_err().status(), 429);
    bencher.bench_local(ask);
}

fn refused(bencher: Bencher<'_, '_>, tokens: &[String], expected: &TokenError) {
    let verifier = &SUBJECT.verifier;
    // The first token with an unknown key waits until the keys were fetched again.
    let first = wait_for(verifier.verify(&tokens[0]));
    assert_eq!(first.as_ref().unwrap_err(), expected);
    let next = AtomicUsize::new(0);
    bencher.bench(|| {
        let number = next.fetch_add(1, Ordering::Relaxed);
        wait_for(verifier.verify(black_box(&tokens[number % tokens.len()]))).unwrap_err()
    });
}

/// By asking again and again, which adds nothing where there is nothing to wait for.
fn wait_for<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::yield_now();
    }
}

fn now() -> Clock {
    Clock::at(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs())
}
