//! A limit of failures: who has to wait, for how long, and who hasn't.
//!
//! Here on axum with a clock that is moved; that every framework answers alike is tested in
//! `frameworks/`.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

#[path = "support/sender.rs"]
mod sender;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::danger::Vouched;
use authz_core::http::{FailureLimit, RequestHead};
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{ConfigError, Dpop, VerifierBuilder};
use authz_core::{Authentication, Authenticator, Denied, Refusal, public, requires};
use authz_tests::policy::{self, Policy, Scope, Verifier};
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use sender::Sender;
use tower::ServiceExt as _;

const NOW: u64 = 1_800_000_000;
const MINUTE: Duration = Duration::from_mins(1);

#[requires(scope = "read:orders")]
async fn list_orders() -> &'static str {
    "orders"
}

#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    "ok"
}

/// The source that a request names; a real service would never ask the request.
fn source(head: RequestHead<'_>) -> Option<String> {
    Some(head.headers().get("source")?.to_str().unwrap().to_owned())
}

struct Party {
    clock: Clock,
    issuer: TestIssuer,
}

impl Party {
    fn new() -> Self {
        Self { clock: Clock::at(NOW), issuer: TestIssuer::new("https://issuer.test") }
    }

    fn builder(&self) -> VerifierBuilder<Policy> {
        let builder = Verifier::builder().issuer(self.issuer.trusted());
        builder.audience("shop").clock(&self.clock)
    }

    fn good(&self) -> String {
        let token = self.issuer.token(&self.clock, "shop").claim("exp", NOW + 3600);
        format!("Bearer {}", token.scope("read:orders").sign())
    }

    /// A good token that opens nothing here.
    fn bare(&self) -> String {
        format!("Bearer {}", self.issuer.token(&self.clock, "shop").sign())
    }

    /// A service that takes three failures in a minute.
    fn patient(&self) -> axum::Router {
        let limit = FailureLimit::new(3, MINUTE);
        served(self.builder().build().unwrap().limit_failures(limit, source).unwrap())
    }
}

fn served(verifier: Verifier) -> axum::Router {
    Router::new().route("/", get(list_orders)).route("/health", get(health)).secured_by(verifier)
}

async fn send(app: &axum::Router, fields: &[(&str, &str)]) -> Response<Body> {
    let request = fields
        .iter()
        .fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

/// The status, and for how long the answer says to wait.
async fn ask(app: &axum::Router, from: &str, authorization: &str) -> (u16, Option<u64>) {
    answered(&send(app, &[("source", from), ("authorization", authorization)]).await)
}

fn answered<B>(response: &Response<B>) -> (u16, Option<u64>) {
    let wait = response.headers().get("retry-after");
    (response.status().as_u16(), wait.map(|wait| wait.to_str().unwrap().parse().unwrap()))
}

const REFUSED: (u16, Option<u64>) = (401, None);

#[tokio::test]
async fn after_so_many_failures_a_source_has_to_wait_whatever_it_sends() {
    let party = Party::new();
    let app = party.patient();
    let good = party.good();
    assert_eq!(ask(&app, "a", &good).await, (200, None));
    for _ in 0..3 {
        assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    }
    // A good token, also one that is remembered, would tell the one who guesses that it is good.
    for authorization in ["Bearer a.b.c", "Bearer a b", "Basic YTpi", &good, &party.bare()] {
        assert_eq!(ask(&app, "a", authorization).await, (429, Some(20)), "{authorization}");
    }
    let response = send(&app, &[("source", "a")]).await;
    assert_eq!(answered(&response), (429, Some(20)), "without credentials");
    assert!(response.headers().get("www-authenticate").is_none(), "no credentials would help");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(
        body,
        r#"{"type":"urn:authz:problem:too-many-failures","title":"Too many failures","status":429,"detail":"too many attempts have failed"}"#
    );
}

#[tokio::test]
async fn whoever_waits_as_long_as_the_answer_says_may_try_once_more() {
    let party = Party::new();
    let app = party.patient();
    for _ in 0..3 {
        assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    }
    party.clock.advance(Duration::from_secs(19));
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, (429, Some(1)));
    party.clock.advance(Duration::from_secs(1));
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, (429, Some(20)));
    party.clock.advance(MINUTE);
    for _ in 0..3 {
        assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED, "all is forgiven");
    }
    assert_eq!(ask(&app, "a", &party.good()).await, (429, Some(20)));
    party.clock.advance(Duration::from_secs(20));
    assert_eq!(ask(&app, "a", &party.good()).await, (200, None));
}

#[tokio::test]
async fn the_wait_is_rounded_up() {
    let party = Party::new();
    let limit = FailureLimit::new(7, MINUTE);
    let app = served(party.builder().build().unwrap().limit_failures(limit, source).unwrap());
    for _ in 0..7 {
        assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    }
    // One is forgiven every 8.57 s.
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, (429, Some(9)));
    party.clock.advance(Duration::from_secs(8));
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, (429, Some(1)));
    party.clock.advance(Duration::from_secs(1));
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
}

#[tokio::test]
async fn other_sources_and_public_functions_do_not_notice() {
    let party = Party::new();
    let app = party.patient();
    for _ in 0..10 {
        ask(&app, "a", "Bearer a.b.c").await;
    }
    assert_eq!(ask(&app, "a", &party.good()).await, (429, Some(20)));
    assert_eq!(ask(&app, "b", &party.good()).await, (200, None));
    assert_eq!(ask(&app, "b", "Bearer a.b.c").await, REFUSED);
    let probe = Request::get("/health").header("source", "a").body(Body::empty()).unwrap();
    assert_eq!(app.oneshot(probe).await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_is_no_failure_does_not_count() {
    let party = Party::new();
    let app = party.patient();
    for _ in 0..20 {
        assert_eq!(ask(&app, "a", &party.good()).await, (200, None));
        assert_eq!(ask(&app, "a", &party.bare()).await, (403, None));
        assert_eq!(ask(&app, "a", "Basic YTpi").await, REFUSED);
        assert_eq!(answered(&send(&app, &[("source", "a")]).await), REFUSED);
    }
    // Of those that count, all do: an unreadable header, and tokens that are not good.
    assert_eq!(ask(&app, "a", "Bearer a b").await, (400, None));
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    let expired = party.issuer.token(&party.clock, "shop").expired().sign();
    assert_eq!(ask(&app, "a", &format!("Bearer {expired}")).await, REFUSED);
    assert_eq!(ask(&app, "a", &party.good()).await, (429, Some(20)));
}

#[tokio::test]
async fn without_a_limit_nobody_waits() {
    let party = Party::new();
    let app = served(party.builder().build().unwrap());
    for _ in 0..1000 {
        assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    }
    assert_eq!(ask(&app, "a", &party.good()).await, (200, None));
}

#[tokio::test]
async fn requests_without_a_source_share_one() {
    let party = Party::new();
    let app = party.patient();
    for _ in 0..3 {
        let response = send(&app, &[("authorization", "Bearer a.b.c")]).await;
        assert_eq!(answered(&response), REFUSED);
    }
    let response = send(&app, &[("authorization", &party.good())]).await;
    assert_eq!(answered(&response), (429, Some(20)));
    assert_eq!(ask(&app, "a", &party.good()).await, (200, None));
}

#[tokio::test]
async fn where_there_is_no_room_the_worst_are_remembered() {
    let party = Party::new();
    let limit = FailureLimit::new(3, MINUTE).max_sources(4);
    let app = served(party.builder().build().unwrap().limit_failures(limit, source).unwrap());
    // Two who have to wait, and two who failed once: no room is left.
    for (from, failures) in [("a", 3), ("b", 3), ("c", 1), ("d", 1)] {
        for _ in 0..failures {
            assert_eq!(ask(&app, from, "Bearer a.b.c").await, REFUSED);
        }
    }
    // Many more who fail once each; every time the half goes that is nearest to being forgiven.
    for number in 0..50 {
        assert_eq!(ask(&app, &number.to_string(), "Bearer a.b.c").await, REFUSED);
        assert_eq!(ask(&app, "a", &party.good()).await, (429, Some(20)), "{number}");
        assert_eq!(ask(&app, "b", &party.good()).await, (429, Some(20)), "{number}");
    }
    // Once they are forgiven, they make room.
    party.clock.advance(MINUTE);
    for from in ["e", "f", "g", "h"] {
        for _ in 0..3 {
            assert_eq!(ask(&app, from, "Bearer a.b.c").await, REFUSED);
        }
    }
    for from in ["e", "f", "g", "h"] {
        assert_eq!(ask(&app, from, &party.good()).await, (429, Some(20)), "{from}");
    }
}

/// Keys that are looked up somewhere, which takes time.
struct Keys {
    asked: Arc<AtomicUsize>,
}

impl Authenticator<Policy> for Keys {
    fn authenticate<'a>(&'a self, head: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async move {
            let Some(key) = head.headers().get("key") else { return Ok(None) };
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            match key.to_str().unwrap() {
                "good" => {
                    let vouched = Vouched::new("keys", "bea", u64::MAX);
                    Ok(Some(vouched.scope(Scope::ReadOrders).build()))
                }
                "torn" => Err(Refusal::malformed("half a key")),
                "lured" => Err(Refusal::cross_site("sent by evil.example")),
                "down" => Err(Refusal::unavailable("the key server is down")),
                _ => Err(Refusal::invalid("no such key")),
            }
        })
    }
}

#[tokio::test]
async fn what_an_authenticator_refuses_counts_and_it_is_not_asked_while_the_source_waits() {
    let party = Party::new();
    let limit = FailureLimit::new(3, MINUTE);
    for limited_first in [true, false] {
        let asked = Arc::new(AtomicUsize::new(0));
        let keys = Keys { asked: Arc::clone(&asked) };
        let verifier = party.builder().build().unwrap();
        let verifier = if limited_first {
            verifier.limit_failures(limit, source).unwrap().after(keys)
        } else {
            verifier.after(keys).limit_failures(limit, source).unwrap()
        };
        let app = served(verifier);
        let by_key = async |key| answered(&send(&app, &[("source", "a"), ("key", key)]).await);
        for _ in 0..10 {
            assert_eq!(by_key("good").await, (200, None));
            assert_eq!(by_key("lured").await, (403, None), "the one it happens to is no attacker");
            assert_eq!(by_key("down").await, (503, None), "nobody can tell");
        }
        assert_eq!(by_key("guessed").await, REFUSED);
        assert_eq!(by_key("torn").await, (400, None));
        assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED, "a token beside keys");
        let before = asked.load(Ordering::Relaxed);
        assert_eq!(before, 32);
        for key in ["good", "guessed", "down"] {
            assert_eq!(by_key(key).await, (429, Some(20)), "{key}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), before, "nothing was looked up");
    }
}

#[tokio::test]
async fn a_proof_that_is_not_good_counts_and_one_that_lacks_the_nonce_does_not() {
    let party = Party::new();
    let limit = FailureLimit::new(2, MINUTE);
    let token = party.issuer.token(&party.clock, "shop").scope("read:orders").bound_to_key().sign();
    let dpop = Dpop::new("https://api.example.com");
    let verifier = party.builder().dpop(dpop).build().unwrap();
    let app = served(verifier.limit_failures(limit, source).unwrap());
    let bound = format!("DPoP {token}");
    assert_eq!(ask(&app, "a", &bound).await, REFUSED, "no proof");
    let fields = [("source", "a"), ("authorization", bound.as_str()), ("dpop", "a.b.c")];
    assert_eq!(answered(&send(&app, &fields).await), REFUSED);
    assert_eq!(answered(&send(&app, &fields).await), (429, Some(30)));
    // Nobody knows the nonce before it was told, so a proof without it is no attack.
    let (sender, address) = (Sender::new(), "https://api.example.com/");
    let dpop = Dpop::new("https://api.example.com").nonces();
    let verifier = Verifier::builder().issuer(party.issuer.trusted()).audience("shop").dpop(dpop);
    let app = served(verifier.build().unwrap().limit_failures(limit, source).unwrap());
    let cnf = serde_json::json!({ "jkt": sender.thumbprint() });
    let clock = Clock::at(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs());
    let token = party.issuer.token(&clock, "shop").scope("read:orders").claim("cnf", cnf).sign();
    let bound = format!("DPoP {token}");
    for _ in 0..10 {
        let proof = sender.proof("GET", address, &token);
        let fields = [("source", "a"), ("authorization", &*bound), ("dpop", &*proof)];
        let response = send(&app, &fields).await;
        assert_eq!(answered(&response), REFUSED);
        assert!(response.headers().contains_key("dpop-nonce"));
    }
}

#[tokio::test]
async fn clones_and_routers_of_one_verifier_share_the_counts() {
    let party = Party::new();
    let limit = FailureLimit::new(3, MINUTE);
    let verifier = party.builder().build().unwrap().limit_failures(limit, source).unwrap();
    let (one, other) = (served(verifier.clone()), served(verifier.clone()));
    assert_eq!(ask(&one, "a", "Bearer a.b.c").await, REFUSED);
    assert_eq!(ask(&other, "a", "Bearer a.b.c").await, REFUSED);
    let request = Request::get("/").header("source", "a").header("authorization", "Bearer a.b.c");
    let request = request.body(()).unwrap();
    let refused = verifier.authenticate(RequestHead::of(&request)).await.unwrap_err();
    assert_eq!(refused.status(), 401);
    for app in [&one, &other] {
        assert_eq!(ask(app, "a", &party.good()).await, (429, Some(20)));
    }
    // For a framework without a module: the denial says everything.
    let denied: Denied = verifier.authenticate(RequestHead::of(&request)).await.unwrap_err();
    assert_eq!(denied.retry_after(), Some(Duration::from_secs(20)));
    assert_eq!((denied.outcome(), denied.is_unavailable()), ("too_many_failures", false));
    assert_eq!(
        denied.detail().to_string(),
        "too many failures of one source, which waits for 20 s"
    );
    let response: Response<Vec<u8>> = denied.into_http();
    assert_eq!(answered(&response), (429, Some(20)));
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_nobody_wait_longer_than_the_period() {
    let party = Party::new();
    let app = party.patient();
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    party.clock.set(NOW - 3600);
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    // The clock of the system: its time is not looked at, so there is nothing to be set back.
    let verifier = Verifier::builder().issuer(party.issuer.trusted()).audience("shop");
    let limit = FailureLimit::new(1, Duration::from_hours(24));
    let app = served(verifier.build().unwrap().limit_failures(limit, source).unwrap());
    assert_eq!(ask(&app, "a", "Bearer a.b.c").await, REFUSED);
    let (status, wait) = ask(&app, "a", "Bearer a.b.c").await;
    assert!(status == 429 && (1..=86_400).contains(&wait.unwrap()), "{status} {wait:?}");
}

#[test]
fn a_limit_that_stops_everybody_or_nobody_is_a_mistake() {
    let party = Party::new();
    let tried = |limit| {
        let verifier = party.builder().build().unwrap();
        verifier.limit_failures(limit, source).map(|_| ())
    };
    for limit in [
        FailureLimit::new(0, MINUTE),
        FailureLimit::new(1_000_001, MINUTE),
        FailureLimit::new(3, Duration::from_millis(999)),
        FailureLimit::new(3, Duration::from_hours(24) + Duration::from_nanos(1)),
        FailureLimit::new(3, MINUTE).max_sources(0),
        FailureLimit::new(3, MINUTE).max_sources(10_000_001),
    ] {
        assert_eq!(tried(limit), Err(ConfigError::FailureLimit { limit }));
    }
    for limit in [
        FailureLimit::new(1, Duration::from_hours(24)).max_sources(1),
        FailureLimit::new(1_000_000, Duration::from_secs(1)).max_sources(10_000_000),
    ] {
        assert_eq!(tried(limit), Ok(()));
    }
    assert_eq!(
        tried(FailureLimit::new(0, MINUTE)).unwrap_err().to_string(),
        "`limit_failures` is given 0 failures in 60s for 100000 sources: give 1 to 1000000 \
         failures, 1 second to 24 hours, and 1 to 10000000 sources"
    );
}

/// Two failures of one peer, then a look whether another one has to wait with it.
async fn peers_are_told_apart(url: &str, good: &str) {
    let from = async |address: [u8; 4], token: &str| {
        let client = reqwest::Client::builder().local_address(IpAddr::from(address));
        let request = client.build().unwrap().get(url).header("authorization", token);
        request.send().await.unwrap().status().as_u16()
    };
    let (guesser, other) = ([127, 0, 0, 2], [127, 0, 0, 3]);
    assert_eq!(from(guesser, good).await, 200);
    // Each on a connection of its own: the port does not count.
    for status in [401, 401, 429] {
        assert_eq!(from(guesser, "Bearer a.b.c").await, status);
    }
    assert_eq!(from(guesser, good).await, 429);
    assert_eq!(from(other, good).await, 200);
}

/// On the clock of the system, with a limit whose failures are not forgiven while the test runs.
fn limited_by_peer(
    issuer: &TestIssuer,
    peer: impl Fn(RequestHead<'_>) -> Option<IpAddr> + Send + Sync + 'static,
) -> (Verifier, String) {
    let clock = Clock::at(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs());
    let token = issuer.token(&clock, "shop").scope("read:orders").sign();
    let verifier = Verifier::builder().issuer(issuer.trusted()).audience("shop").build().unwrap();
    let limit = FailureLimit::new(2, Duration::from_hours(24));
    (verifier.limit_failures(limit, peer).unwrap(), format!("Bearer {token}"))
}

#[tokio::test]
async fn peers_of_axum_are_told_apart_over_real_connections() {
    let (verifier, good) = limited_by_peer(&TestIssuer::new("https://issuer.test"), |head| {
        let ConnectInfo(address) = head.extensions().get::<ConnectInfo<SocketAddr>>()?;
        Some(address.ip())
    });
    let app = served(verifier).into_make_service_with_connect_info::<SocketAddr>();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    peers_are_told_apart(&url, &good).await;
}

#[actix_web::test]
async fn peers_of_actix_are_told_apart_over_real_connections() {
    let (verifier, good) = limited_by_peer(&TestIssuer::new("https://issuer.test"), |head| {
        head.extensions().get::<SocketAddr>().map(SocketAddr::ip)
    });
    let app = move || {
        let route = authz_core::actix::web::get().to(list_orders);
        authz_core::actix::App::new().route("/", route).secured_by(verifier.clone())
    };
    let server = actix_web::HttpServer::new(app).workers(1).disable_signals();
    let server = server.bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.addrs().first().unwrap());
    actix_web::rt::spawn(server.run());
    peers_are_told_apart(&url, &good).await;
}
