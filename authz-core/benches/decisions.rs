//! What a log of every decision adds to a request: the same router with it and without.
//!
//! The two are called in turn, batch by batch, so that whatever else the machine does is in both; the
//! medians and their difference are printed. The writer writes to a file, as in a service.
//!
//! `cargo bench -p authz-core --features axum,testing --bench decisions`
#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up has nothing to tell")]

use std::time::{Duration, Instant};

use authz_core::audit::{JsonLines, Log};
use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::testing::{Clock, TestIssuer};
use authz_core::{Guard, requires};
use axum::extract::Request;
use tower::Service as _;

#[path = "support/policy.rs"]
mod policy;
#[path = "support/poll_once.rs"]
mod poll_once;

use poll_once::poll_once;

#[requires(role = "clerk", scope = "write:orders")]
async fn guarded(_guard: Guard<guarded>) -> &'static str {
    "done"
}

/// Requests of one batch. Fewer than have room in the queue: nothing may be dropped.
const BATCH: u32 = 500;
const BATCHES: usize = 1_001;
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn main() {
    let path = std::env::temp_dir().join(format!("authz-decisions-{}.jsonl", std::process::id()));
    let lines = std::sync::Arc::new(JsonLines::append(&path).unwrap());
    let log = Log::to(std::sync::Arc::clone(&lines)).grants(1);
    let issuer = TestIssuer::new("https://id.example.com/realms/shop");
    let clock = Clock::at(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs());
    let token = issuer.token(&clock, "orders").role("clerk").scope("write:orders").sign();
    let verifier =
        || policy::Verifier::builder().issuer(issuer.trusted()).audience("orders").build().unwrap();
    let router = |verifier| Router::<_, ()>::new().route("/", get(guarded)).secured_by(verifier);
    let (mut bare, mut logged) = (router(verifier()), router(verifier().decisions_to(&log)));

    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..BATCHES {
        for (app, times) in [&mut bare, &mut logged].into_iter().zip(&mut times) {
            times.push(batch(app, &token));
        }
        // The writer has the other core, and is not to be measured.
        log.flush();
    }
    let [bare, logged] = times.map(median);
    println!("remembered token, no log    {bare:>8.1?} a request");
    println!("every decision in the log   {logged:>8.1?} a request");
    println!("added                       {:>8.1?}", logged.saturating_sub(bare));
    let size = std::fs::metadata(&path).unwrap().len();
    let written = u64::from(BATCH) * BATCHES as u64;
    println!("{written} decisions, {} bytes each, {} dropped", size / written, lines.dropped());
    std::fs::remove_file(path).unwrap();
}

/// The time of one request, of a batch.
fn batch(app: &mut axum::Router, token: &str) -> Duration {
    let requests: Vec<_> = (0..BATCH).map(|_| request(token)).collect();
    let start = Instant::now();
    for request in requests {
        let response = poll_once(app.call(request)).unwrap();
        assert_eq!(response.status(), 200);
    }
    start.elapsed() / BATCH
}

fn request(token: &str) -> Request {
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    request.header("traceparent", TRACEPARENT).body(axum::body::Body::empty()).unwrap()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
