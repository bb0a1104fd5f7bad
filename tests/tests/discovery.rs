//! Keys fetched over real connections, from an issuer that does everything an issuer should not.
//!
//! What takes minutes (refresh, outage, cooling) is tested in `authz-core` with a clock that moves.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that finds something else than it expects has failed"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authz_core::axum::Router;
use authz_core::axum::routing::post;
use authz_core::requires;
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{
    ConfigError, DiscoveryError, FetchError, Issuer, ReqwestClient, TokenError,
};
use authz_tests::policy::{self, Verifier};
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode, header::LOCATION};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

const NOW: u64 = 1_800_000_000;
const AUDIENCE: &str = "orders";

#[requires(role = "clerk")]
async fn place_order() -> &'static str {
    "placed"
}

/// How the issuer answers the request for its keys.
#[derive(Clone, Debug)]
enum Keys {
    Text(String),
    Status(StatusCode),
    Redirect(String),
    /// Bytes without an end.
    Endless,
    /// Nothing, while the connection stays open.
    Silent,
}

#[derive(Clone)]
struct World {
    address: SocketAddr,
    keys: Arc<std::sync::Mutex<Keys>>,
    key_requests: Arc<AtomicUsize>,
    /// Requests to the address that a redirect leads to.
    secret_requests: Arc<AtomicUsize>,
}

impl World {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let world = Self {
            address: listener.local_addr().unwrap(),
            keys: Arc::new(std::sync::Mutex::new(Keys::Silent)),
            key_requests: Arc::default(),
            secret_requests: Arc::default(),
        };
        let app = axum::Router::new()
            .route("/{*path}", axum::routing::get(answer))
            .with_state(world.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        world
    }

    fn issuer(&self) -> String {
        format!("http://{}/realm", self.address)
    }

    fn publish(&self, keys: Keys) {
        *self.keys.lock().unwrap() = keys;
    }

    fn key_requests(&self) -> usize {
        self.key_requests.load(Ordering::SeqCst)
    }

    /// A verifier that was built while the issuer was well.
    async fn verifier(&self, clock: &Clock, keys: &str) -> Verifier {
        self.publish(Keys::Text(keys.to_owned()));
        let issuer = Issuer::discover(&self.issuer()).danger_allow_insecure_issuer();
        Verifier::discover(issuer).audience(AUDIENCE).clock(clock).build().await.unwrap()
    }

    async fn refusal(&self) -> FetchError {
        let issuer = Issuer::discover(&self.issuer()).danger_allow_insecure_issuer();
        reason(Verifier::discover(issuer).audience(AUDIENCE).build().await)
    }
}

fn reason(built: Result<Verifier, ConfigError>) -> FetchError {
    match built.map(drop).unwrap_err() {
        ConfigError::Discovery { reason: DiscoveryError::Fetch { reason, .. }, .. } => reason,
        other => panic!("{other}"),
    }
}

async fn answer(State(world): State<World>, Path(path): Path<String>) -> Response {
    match path.as_str() {
        "realm/.well-known/openid-configuration" => {
            let issuer = world.issuer();
            format!(r#"{{"issuer":"{issuer}","jwks_uri":"{issuer}/keys"}}"#).into_response()
        }
        "realm/keys" => {
            world.key_requests.fetch_add(1, Ordering::SeqCst);
            let keys = world.keys.lock().unwrap().clone();
            match keys {
                Keys::Text(text) => text.into_response(),
                Keys::Status(status) => status.into_response(),
                Keys::Redirect(to) => (StatusCode::FOUND, [(LOCATION, to)]).into_response(),
                Keys::Endless => Response::new(Body::new(Endless)),
                Keys::Silent => std::future::pending().await,
            }
        }
        "secret" => {
            world.secret_requests.fetch_add(1, Ordering::SeqCst);
            "credentials of the machine".into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A body of 100 MB and more.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        static CHUNK: [u8; 16 * 1024] = [b' '; 16 * 1024];
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(&CHUNK)))))
    }
}

fn renamed(jwks: &str, kid: &str) -> String {
    let mut set: serde_json::Value = serde_json::from_str(jwks).unwrap();
    set["keys"][0]["kid"] = kid.into();
    set.to_string()
}

fn app(verifier: Verifier) -> axum::Router {
    Router::new().route("/orders", post(place_order)).secured_by(verifier)
}

async fn status(app: &axum::Router, token: &str) -> StatusCode {
    let request = Request::post("/orders").header("authorization", format!("Bearer {token}"));
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn a_guarded_route_follows_a_rotation_and_tells_an_outage_from_a_bad_token() {
    let clock = Clock::at(NOW);
    let world = World::start().await;
    let (old, new) = (TestIssuer::new(&world.issuer()), TestIssuer::new(&world.issuer()));
    let verifier = world.verifier(&clock, &renamed(old.jwks(), "old")).await;
    let app = app(verifier);
    let token = |issuer: &TestIssuer, kid: &str| {
        issuer.token(&clock, AUDIENCE).role("clerk").kid(Some(kid)).sign()
    };
    assert_eq!(status(&app, &token(&old, "old")).await, StatusCode::OK);

    // The gate waits for the new key; a caller without the role is refused after that.
    world.publish(Keys::Text(renamed(new.jwks(), "new")));
    let nobody = new.token(&clock, AUDIENCE).kid(Some("new")).sign();
    assert_eq!(status(&app, &nobody).await, StatusCode::FORBIDDEN);
    assert_eq!(status(&app, &token(&new, "new")).await, StatusCode::OK);
    assert_eq!(status(&app, &token(&old, "old")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(world.key_requests(), 2);

    // An hour without the issuer: nothing is known about any token.
    world.publish(Keys::Status(StatusCode::BAD_GATEWAY));
    clock.advance(Duration::from_hours(1));
    assert_eq!(status(&app, &token(&new, "new")).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status(&app, "not.a.token").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_requests_during_a_rotation_get_the_right_answer() {
    let clock = Clock::at(NOW);
    let world = World::start().await;
    let (old, new) = (TestIssuer::new(&world.issuer()), TestIssuer::new(&world.issuer()));
    let verifier = world.verifier(&clock, &renamed(old.jwks(), "old")).await;
    let app = app(verifier);
    let mut both: serde_json::Value = serde_json::from_str(&renamed(old.jwks(), "old")).unwrap();
    let key: serde_json::Value = serde_json::from_str(&renamed(new.jwks(), "new")).unwrap();
    both["keys"].as_array_mut().unwrap().push(key["keys"][0].clone());
    world.publish(Keys::Text(both.to_string()));

    let mut requests = Vec::new();
    for number in 0..2_000 {
        let (issuer, kid) = if number % 2 == 0 { (&old, "old") } else { (&new, "new") };
        let token = issuer.token(&clock, AUDIENCE).kid(Some(kid));
        let (token, expected) = match number % 5 {
            0 => (token.sign(), StatusCode::FORBIDDEN),
            1 => (token.role("clerk").claim("aud", "else").sign(), StatusCode::UNAUTHORIZED),
            _ => (token.role("clerk").sign(), StatusCode::OK),
        };
        let app = app.clone();
        requests.push(tokio::spawn(async move { (status(&app, &token).await, expected) }));
    }
    for request in requests {
        let (status, expected) = request.await.unwrap();
        assert_eq!(status, expected);
    }
    assert_eq!(world.key_requests(), 2);
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let world = World::start().await;
    world.publish(Keys::Endless);
    assert_eq!(world.refusal().await, FetchError::BodyTooLong { limit: 262_144 });
}

#[tokio::test]
async fn a_silent_issuer_is_given_up_on_after_five_seconds() {
    let world = World::start().await;
    world.publish(Keys::Silent);
    assert_eq!(world.refusal().await, FetchError::Timeout { seconds: 5 });
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let world = World::start().await;
    world.publish(Keys::Redirect(format!("http://{}/secret", world.address)));
    assert_eq!(world.refusal().await, FetchError::Status { status: 302 });
    assert_eq!(world.secret_requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn garbage_and_errors_stop_the_start() {
    let world = World::start().await;
    world.publish(Keys::Status(StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(world.refusal().await, FetchError::Status { status: 500 });
    for garbage in ["", "<html>", "{", "[]", "{\"keys\":7}", "{\"keys\":[7]}"] {
        world.publish(Keys::Text(garbage.to_owned()));
        let issuer = Issuer::discover(&world.issuer()).danger_allow_insecure_issuer();
        let built = Verifier::discover(issuer).audience(AUDIENCE).build().await;
        assert!(
            matches!(
                built.map(drop).unwrap_err(),
                ConfigError::Discovery { reason: DiscoveryError::Keys(_), .. }
            ),
            "{garbage}"
        );
    }
}

#[tokio::test]
async fn an_issuer_that_is_not_there_stops_the_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let issuer = Issuer::discover(&format!("http://{address}")).danger_allow_insecure_issuer();
    let reason = reason(Verifier::discover(issuer).audience(AUDIENCE).build().await);
    assert!(matches!(reason, FetchError::Transport { .. }), "{reason}");
}

#[tokio::test]
async fn neither_plain_http_nor_private_addresses_are_connected_to() {
    let world = World::start().await;
    let plain = Verifier::discover(&*world.issuer()).audience(AUDIENCE).build().await;
    assert!(matches!(reason(plain), FetchError::NotHttps { .. }));
    for host in ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::1]", "169.254.169.254"] {
        let issuer = format!("https://{host}:{}/realm", world.address.port());
        let refused = Verifier::discover(&*issuer).audience(AUDIENCE).build().await;
        let refused = reason(refused);
        assert!(matches!(refused, FetchError::PrivateAddress { .. }), "{host}: {refused}");
    }
    assert_eq!(world.key_requests(), 0);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    // A server that speaks no TLS at all stands for one with a bad certificate: neither gets
    // to see a request.
    let world = World::start().await;
    let issuer = format!("https://127.0.0.1:{}/realm", world.address.port());
    let issuer = Issuer::discover(&issuer).danger_allow_insecure_issuer();
    let refused = reason(Verifier::discover(issuer).audience(AUDIENCE).build().await);
    assert!(matches!(refused, FetchError::Transport { .. }), "{refused}");
    assert!(ReqwestClient::with_root_certificate(b"-----BEGIN CERTIFICATE-----").is_err());
}

#[tokio::test]
async fn a_token_of_the_issuer_names_its_policy() {
    let clock = Clock::at(NOW);
    let world = World::start().await;
    let issuer = TestIssuer::new(&world.issuer());
    let verifier = world.verifier(&clock, issuer.jwks()).await;
    let token = issuer.token(&clock, AUDIENCE).role("clerk");
    let identity = verifier.verify(&token.clone().sign()).await.unwrap();
    assert!(identity.has_role(policy::Role::Clerk));
    assert_eq!(identity.issuer(), world.issuer());
    let refused = verifier.verify(&token.kid(Some("unknown")).sign()).await.unwrap_err();
    assert_eq!(refused, TokenError::UnknownKey);
}
