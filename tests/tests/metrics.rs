//! What is counted, as a recorder sees it, and as `RELIABILITY.md` lists it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use authz_core::audit::{JsonLines, Log};
use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::http::{FailureLimit, RequestHead};
use authz_core::testing::{Clock, TestIssuer, identity};
use authz_core::token::{Issuer, Revocation, Revocations};
use authz_core::{Authentication, Authenticator, Denied, requires};
use authz_tests::policy::{self, Verifier};
use axum::body::Body;
use http::Request;
use metrics_util::MetricKind;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use tower::ServiceExt as _;

const ISSUER: &str = "https://issuer.test";
const NOW: u64 = 1_800_000_000;

#[requires(scope = "read:orders")]
async fn list_orders() -> &'static str {
    "orders"
}

/// The counts of what `work` does: by name and labels.
fn counts(work: impl Future<Output = ()>) -> BTreeMap<String, u64> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || runtime.block_on(work));
    let seen = snapshotter.snapshot().into_vec().into_iter();
    seen.map(|(key, _, _, value)| {
        let mut name = key.key().name().to_owned();
        for label in key.key().labels() {
            name.extend([" ", label.key(), "=", label.value()]);
        }
        match value {
            DebugValue::Counter(count) => (name, count),
            DebugValue::Histogram(values) => {
                assert_eq!(key.kind(), MetricKind::Histogram);
                assert!(values.iter().all(|seconds| (0.0..10.0).contains(&seconds.0)), "{name}");
                (name, values.len() as u64)
            }
            DebugValue::Gauge(_) => (name, 0),
        }
    })
    .collect()
}

async fn ask(app: &axum::Router, token: &str) -> u16 {
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    let request = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap().status().as_u16()
}

#[test]
fn decisions_verifications_and_revocations_are_counted() {
    let (clock, issuer) = (Clock::at(NOW), TestIssuer::new(ISSUER));
    let revocations = Revocations::with_clock(Duration::from_hours(24), &clock);
    let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders").clock(&clock);
    let verifier = builder.revocations(&revocations).build().unwrap();
    let app = Router::new().route("/", get(list_orders)).secured_by(verifier);
    let token = |id: &str| issuer.token(&clock, "orders").claim("jti", id);
    let seen = counts(async {
        let good = token("a").scope("read:orders").sign();
        assert_eq!([ask(&app, &good).await, ask(&app, &good).await], [200, 200]);
        assert_eq!(ask(&app, &token("b").sign()).await, 403);
        assert_eq!(ask(&app, "swordfish").await, 401);
        revocations.revoke(Revocation::token(ISSUER, "a")).await.unwrap();
        assert_eq!(ask(&app, &good).await, 401);
    });
    let expected = [
        ("authz_decisions_total outcome=granted", 2),
        ("authz_decisions_total outcome=insufficient_scope", 1),
        ("authz_decisions_total outcome=invalid_token", 2),
        ("authz_revocations_seen_total", 1),
        ("authz_token_cache_total result=hit", 2),
        ("authz_token_cache_total result=miss", 3),
        ("authz_verification_seconds", 3),
        ("authz_verifications_total result=accepted", 2),
        ("authz_verifications_total result=refused", 1),
    ];
    assert_eq!(seen, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[requires(scope = "read:orders", identity = who)]
fn count_orders(who: Option<&policy::Identity>) -> Result<u32, Denied> {
    Ok(7)
}

#[test]
fn a_function_that_finds_no_identity_is_counted_as_a_route_is() {
    let seen = counts(async {
        let reader = identity().scope("read:orders").build();
        assert_eq!(count_orders(Some(&reader)).unwrap(), 7);
        assert_eq!(count_orders(None).unwrap_err().status(), 401);
    });
    let expected = [
        ("authz_decisions_total outcome=granted", 1),
        ("authz_decisions_total outcome=no_credentials", 1),
    ];
    assert_eq!(seen, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

/// Two ways for a decision not to get into the file: no room in the queue, and none on the disk.
#[cfg(target_os = "linux")]
#[test]
fn decisions_that_are_not_in_the_log_are_counted() {
    const DROPPED: &str = "authz_decision_log_dropped_total";
    // The disk is found full by another thread, to which no recorder of a test is local.
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().unwrap();
    let lines = Arc::new(JsonLines::with_queue("/dev/full", 1).unwrap());
    let log = Log::to(Arc::clone(&lines)).grants(1);
    let verifier = Verifier::of(Reader).decisions_to(&log);
    let seen = counts(async {
        let request = Request::new(());
        let reader = verifier.authenticate(RequestHead::of(&request)).await.unwrap();
        for _ in 0..100 {
            assert_eq!(count_orders(Some(&reader)).unwrap(), 7);
        }
    });
    log.flush();
    let without_room = seen[DROPPED];
    let unwritten: u64 = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .filter(|(key, ..)| key.key().name() == DROPPED)
        .map(|(.., value)| if let DebugValue::Counter(count) = value { count } else { 0 })
        .sum();
    assert!(without_room > 0 && unwritten > 0, "{without_room} and {unwritten}");
    assert_eq!((without_room + unwritten, lines.dropped()), (100, 100));
}

/// Knows everybody as one who may read.
struct Reader;

impl Authenticator<policy::Policy> for Reader {
    fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, policy::Policy> {
        Box::pin(async { Ok(Some(identity().scope("read:orders").build())) })
    }
}

#[test]
fn sources_that_fail_too_often_are_counted_and_what_they_send_is_not_verified() {
    let (clock, issuer) = (Clock::at(NOW), TestIssuer::new(ISSUER));
    let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders").clock(&clock);
    let limit = FailureLimit::new(2, Duration::from_mins(1)).max_sources(2);
    let source = |head: RequestHead<'_>| head.headers().get("authorization").cloned();
    let verifier = builder.build().unwrap().limit_failures(limit, source).unwrap();
    let app = Router::new().route("/", get(list_orders)).secured_by(verifier);
    let seen = counts(async {
        for status in [401, 401, 429, 429] {
            assert_eq!(ask(&app, "swordfish").await, status);
        }
        // No room for both of these: the first is forgotten.
        assert_eq!([ask(&app, "herring").await, ask(&app, "haddock").await], [401, 401]);
        assert_eq!(ask(&app, "swordfish").await, 429);
    });
    let expected = [
        ("authz_decisions_total outcome=invalid_token", 4),
        ("authz_decisions_total outcome=too_many_failures", 3),
        ("authz_failure_limits_reached_total", 1),
        ("authz_sources_forgotten_total", 1),
        ("authz_token_cache_total result=miss", 4),
        ("authz_verification_seconds", 4),
        ("authz_verifications_total result=refused", 4),
    ];
    assert_eq!(seen, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[test]
fn an_issuer_that_does_not_answer_is_counted() {
    let issuer = Issuer::with_jwks_uri(ISSUER, "http://127.0.0.1:1/keys")
        .danger_allow_insecure_issuer()
        .may_be_absent_at_start();
    let seen = counts(async {
        let verifier = Verifier::discover(issuer).audience("orders").build().await.unwrap();
        let known = TestIssuer::new(ISSUER);
        let token = known.token(&Clock::at(NOW), "orders").claim("exp", 4_000_000_000_u64).sign();
        let answer = tokio::time::timeout(Duration::from_secs(20), verifier.verify(&token)).await;
        assert!(answer.unwrap().unwrap_err().is_unavailable());
    });
    assert!(seen["authz_key_refreshes_total result=failed"] >= 1, "{seen:?}");
    assert_eq!(seen["authz_verifications_total result=unavailable"], 1, "{seen:?}");
}

/// The names in a text: words that begin with `authz_` and are a name of ours by their end.
fn names(text: &str) -> BTreeSet<&str> {
    text.split(|character: char| !character.is_ascii_lowercase() && character != '_')
        .filter(|word| word.starts_with("authz_"))
        .filter(|word| word.ends_with("_total") || word.ends_with("_seconds"))
        .collect()
}

#[test]
fn the_list_is_whole() {
    let counted = names(include_str!("../../authz-core/src/metrics.rs"));
    assert_eq!(counted, names(include_str!("../../RELIABILITY.md")));
    assert_eq!(counted.len(), 11);
}
