//! Tokens that are bound to their sender, on guarded routes: what proves it, what the answers ask
//! for, and used proofs that nodes share through a real Redis.
//!
//! Without `redis-server` the tests with Redis test nothing, and a line that starts with `skipped:`
//! says so.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::time::{Duration, Instant};

use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{ClientCertificate, Dpop, RedisReplayStore, VerifierBuilder};
use authz_core::{Denied, requires};
use authz_tests::policy::{self, Policy, Verifier};
use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

#[path = "support/redis.rs"]
mod redis;
#[path = "support/sender.rs"]
mod sender;

use redis::Redis;
use sender::Sender;

const ISSUER: &str = "https://issuer.test";
const SERVICE: &str = "https://api.example.com";
const SECRETS: &str = "/orders/secrets";
const ALGORITHMS: &str = r#"algs="ES256 ES384 EdDSA PS256 PS384 PS512 RS256 RS384 RS512""#;

#[requires(scope = "read:orders")]
async fn list_orders() -> &'static str {
    "orders"
}

#[requires(scope = "write:orders")]
async fn place_order() -> &'static str {
    "placed"
}

#[requires(scope = "read:orders", bound)]
async fn show_secrets() -> &'static str {
    "secrets"
}

fn builder(issuer: &TestIssuer) -> VerifierBuilder<Policy> {
    Verifier::builder().issuer(issuer.trusted()).audience("orders").realm("shop")
}

fn app(verifier: Verifier) -> axum::Router {
    let orders = Router::new()
        .route("/", get(list_orders))
        .route("/new", post(place_order))
        .route("/secrets", get(show_secrets));
    Router::new().nest("/orders", orders).secured_by(verifier)
}

fn token(issuer: &TestIssuer, cnf: Option<Value>) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let token = issuer.token(&Clock::at(now.as_secs()), "orders").scope("read:orders");
    match cnf {
        Some(cnf) => token.claim("cnf", cnf).sign(),
        None => token.sign(),
    }
}

fn bound(issuer: &TestIssuer, sender: &Sender) -> String {
    token(issuer, Some(json!({ "jkt": sender.thumbprint() })))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn ask(app: &axum::Router, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path).header("host", "evil.example");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    Answer::of(app.clone().oneshot(request).await.unwrap()).await
}

/// With a fresh proof for the address.
async fn send(app: &axum::Router, sender: &Sender, token: &str, url: &str) -> Answer {
    let proof = sender.proof("GET", url, token);
    ask(app, "/orders", &[("authorization", &format!("DPoP {token}")), ("dpop", &proof)]).await
}

#[tokio::test]
async fn a_nested_route_is_asked_for_by_its_whole_address() {
    let (issuer, sender) = (TestIssuer::new(ISSUER), Sender::new());
    let app = app(builder(&issuer).dpop(Dpop::new(SERVICE)).build().unwrap());
    let token = bound(&issuer, &sender);
    for (url, status) in [
        ("https://api.example.com/orders", 200),
        ("https://api.example.com/", 401),
        ("https://evil.example/orders", 401),
    ] {
        assert_eq!(send(&app, &sender, &token, url).await.status, status, "{url}");
    }
    // Behind a proxy that takes a prefix off.
    let dpop = Dpop::new("https://example.com/shop/");
    let app = self::app(builder(&issuer).dpop(dpop).build().unwrap());
    let url = "https://example.com/shop/orders";
    assert_eq!(send(&app, &sender, &token, url).await.status, 200);
}

/// A good token that anybody could have stolen is not enough; the answer says in which scheme to come.
#[tokio::test]
async fn a_function_can_ask_for_a_bound_token() {
    let (issuer, sender) = (TestIssuer::new(ISSUER), Sender::new());
    let plain = format!("Bearer {}", token(&issuer, None));
    let list = [("authorization", plain.as_str())];
    let app = app(builder(&issuer).dpop(Dpop::new(SERVICE)).build().unwrap());
    let refused = ask(&app, SECRETS, &list).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        refused.header("www-authenticate"),
        format!(
            r#"DPoP error="invalid_token", error_description="an access token that is bound to its sender is required", {ALGORITHMS}"#
        )
    );
    assert_eq!(ask(&app, "/orders", &list).await.status, StatusCode::OK);

    let bound = bound(&issuer, &sender);
    let proof = sender.proof("GET", &format!("{SERVICE}{SECRETS}"), &bound);
    let fields = [("authorization", &*format!("DPoP {bound}")), ("dpop", &*proof)];
    let taken = ask(&app, SECRETS, &fields).await;
    assert_eq!((taken.status, taken.body.as_str()), (StatusCode::OK, "secrets"));

    let app = self::app(builder(&issuer).mutual_tls().build().unwrap());
    let refused = ask(&app, SECRETS, &list).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.header("www-authenticate").starts_with("Bearer "));
}

#[tokio::test]
async fn each_refusal_says_what_is_asked_for_and_nothing_of_the_token() {
    let (issuer, sender) = (TestIssuer::new(ISSUER), Sender::new());
    let app = app(builder(&issuer).dpop(Dpop::new(SERVICE)).build().unwrap());
    let token = bound(&issuer, &sender);
    let url = "https://api.example.com/orders";

    let nobody = ask(&app, "/orders", &[]).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let both = format!(r#"Bearer realm="shop", DPoP realm="shop", {ALGORITHMS}"#);
    assert_eq!(nobody.header("www-authenticate"), both);

    let bearer = ask(&app, "/orders", &[("authorization", &format!("Bearer {token}"))]).await;
    assert_eq!(bearer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        bearer.header("www-authenticate"),
        format!(
            r#"Bearer realm="shop", error="invalid_token", error_description="the access token is not valid", DPoP realm="shop", {ALGORITHMS}"#
        )
    );

    let invalid_proof = format!(
        r#"DPoP realm="shop", error="invalid_dpop_proof", error_description="the DPoP proof is not valid", {ALGORITHMS}"#
    );
    let authorization = format!("DPoP {token}");
    let used = sender.proof("GET", url, &token);
    let good = [("authorization", authorization.as_str()), ("dpop", used.as_str())];
    assert_eq!(ask(&app, "/orders", &good).await.status, StatusCode::OK);
    let other_method = sender.proof("POST", url, &token);
    let other_key = Sender::new().proof("GET", url, &token);
    let mut bodies = Vec::new();
    for proof in [&used, &other_method, &other_key, "x.y.z"] {
        let fields = [("authorization", authorization.as_str()), ("dpop", proof)];
        let answer = ask(&app, "/orders", &fields).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), invalid_proof);
        assert_eq!(answer.header("dpop-nonce"), "");
        assert!(!answer.body.contains(&token));
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(
        bodies,
        [
            r#"{"type":"urn:authz:problem:invalid-dpop-proof","title":"Invalid proof","status":401,"detail":"the DPoP proof is not valid"}"#
        ]
    );

    // What the token allows is asked after who sends it.
    let proof = sender.proof("POST", "https://api.example.com/orders/new", &token);
    let request = Request::post("/orders/new")
        .header("authorization", &authorization)
        .header("dpop", proof)
        .body(Body::empty())
        .unwrap();
    let answer = Answer::of(app.clone().oneshot(request).await.unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn one_more_round_is_enough_for_a_nonce() {
    let (issuer, sender) = (TestIssuer::new(ISSUER), Sender::new());
    let verifier = builder(&issuer).dpop(Dpop::new(SERVICE).nonces()).build().unwrap();
    let plain = app(verifier.clone());
    // Also in the words of the application.
    let orders = Router::new().route("/orders", get(list_orders));
    let own = orders.on_denied(|_: &Denied| "no").secured_by(verifier);
    let token = bound(&issuer, &sender);
    let url = "https://api.example.com/orders";
    for app in [plain, own] {
        let first = send(&app, &sender, &token, url).await;
        assert_eq!(first.status, StatusCode::UNAUTHORIZED);
        let asked = r#"DPoP realm="shop", error="use_dpop_nonce", error_description=""#;
        assert!(first.header("www-authenticate").starts_with(asked));
        assert_eq!(first.header("cache-control"), "no-store");
        let mut claims = Sender::claims("GET", url, Some(&token));
        claims.as_object_mut().unwrap().insert("nonce".into(), first.header("dpop-nonce").into());
        let proof = sender.sign(&claims);
        let authorization = format!("DPoP {token}");
        let fields = [("authorization", authorization.as_str()), ("dpop", proof.as_str())];
        assert_eq!(ask(&app, "/orders", &fields).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_certificate_of_the_connection_is_compared() {
    let issuer = TestIssuer::new(ISSUER);
    let app = app(builder(&issuer).mutual_tls().build().unwrap());
    let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, b"the certificate"));
    let token = token(&issuer, Some(json!({ "x5t#S256": thumbprint })));
    let send = |path: &'static str, certificate: Option<&[u8]>| {
        let certificate = certificate.map(ClientCertificate::from_der);
        // As whatever ends TLS does for each request of a connection.
        let app = app.clone().layer(axum::middleware::map_request(
            move |mut request: Request<Body>| async move {
                if let Some(certificate) = certificate {
                    request.extensions_mut().insert(certificate);
                }
                request
            },
        ));
        let authorization = format!("Bearer {token}");
        async move {
            let spoofed = ("client-cert", ":dGhlIGNlcnRpZmljYXRl:");
            ask(&app, path, &[("authorization", &authorization), spoofed]).await.status
        }
    };
    for path in ["/orders", SECRETS] {
        assert_eq!(send(path, Some(b"the certificate")).await, StatusCode::OK, "{path}");
        assert_eq!(send(path, Some(b"another")).await, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(send(path, None).await, StatusCode::UNAUTHORIZED, "{path}");
    }
}

/// What `HttpServer::on_connect` leaves with a connection holds for each of its requests.
#[actix_web::test]
async fn on_actix_the_certificate_is_found_with_the_connection() {
    let issuer = TestIssuer::new(ISSUER);
    let verifier = builder(&issuer).mutual_tls().build().unwrap();
    let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, b"the certificate"));
    let token = token(&issuer, Some(json!({ "x5t#S256": thumbprint })));
    let certificates: [(Option<&'static [u8]>, u16); 3] =
        [(Some(b"the certificate"), 200), (Some(b"another"), 401), (None, 401)];
    for (certificate, status) in certificates {
        let verifier = verifier.clone();
        let app = move || {
            let route = authz_core::actix::web::get().to(show_secrets);
            authz_core::actix::App::new().route("/", route).secured_by(verifier.clone())
        };
        let server = actix_web::HttpServer::new(app).workers(1).disable_signals();
        let server = server.on_connect(move |_, data| {
            if let Some(der) = certificate {
                data.insert(ClientCertificate::from_der(der));
            }
        });
        let server = server.bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", server.addrs().first().unwrap());
        actix_web::rt::spawn(server.run());
        for _ in 0..2 {
            let request = reqwest::Client::new().get(&url).bearer_auth(&token);
            assert_eq!(request.send().await.unwrap().status().as_u16(), status);
        }
    }
}

async fn node(redis: &Redis, issuer: &TestIssuer, prefix: &str) -> axum::Router {
    let store = RedisReplayStore::connect(&redis.url()).await.unwrap().prefix(prefix);
    app(builder(issuer).dpop(Dpop::new(SERVICE).replay_store(store)).build().unwrap())
}

#[tokio::test]
async fn a_proof_that_one_node_has_seen_is_used_up_on_the_others() {
    let Some(redis) = Redis::start() else { return };
    let (issuer, sender) = (TestIssuer::new(ISSUER), Sender::new());
    let nodes = [node(&redis, &issuer, "shop").await, node(&redis, &issuer, "shop").await];
    let elsewhere = node(&redis, &issuer, "warehouse").await;
    let token = bound(&issuer, &sender);
    let authorization = format!("DPoP {token}");
    for _ in 0..20 {
        let proof = sender.proof("GET", "https://api.example.com/orders", &token);
        let fields = [("authorization", authorization.as_str()), ("dpop", proof.as_str())];
        // At once on both: one of them is the first.
        let [first, second] = &nodes;
        let answers = tokio::join!(ask(first, "/orders", &fields), ask(second, "/orders", &fields));
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
        assert_eq!(ask(&elsewhere, "/orders", &fields).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn without_redis_nobody_can_tell_and_with_it_again_everybody_can() {
    let Some(mut redis) = Redis::start() else { return };
    let (issuer, sender) = (TestIssuer::new(ISSUER), Sender::new());
    let app = node(&redis, &issuer, "shop").await;
    let token = bound(&issuer, &sender);
    let url = "https://api.example.com/orders";
    assert_eq!(send(&app, &sender, &token, url).await.status, StatusCode::OK);
    redis.kill();
    let answer = send(&app, &sender, &token, url).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("www-authenticate"), "");
    redis.restart();
    // One request may find the old connection.
    let back = Instant::now();
    while send(&app, &sender, &token, url).await.status != StatusCode::OK {
        assert!(back.elapsed() < Duration::from_secs(10), "does not come back");
    }
    // Full is not told from down: what it throws away could be used again.
    redis.command("CONFIG SET maxmemory 1").await;
    let answer = send(&app, &sender, &token, url).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_redis_that_stops_answering_makes_nobody_wait_for_long() {
    let Some(redis) = Redis::start() else { return };
    let (issuer, sender) = (TestIssuer::new(ISSUER), Sender::new());
    let app = node(&redis, &issuer, "shop").await;
    let token = bound(&issuer, &sender);
    redis.signal("-STOP");
    let answers = (0..3).map(|_| send(&app, &sender, &token, "https://api.example.com/orders"));
    for answer in answers {
        assert_eq!(answer.await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    redis.signal("-CONT");
}

#[tokio::test]
async fn the_password_of_the_address_stays_out_of_logs() {
    for url in ["redis://node:swordfish@127.0.0.1:1", "redis://node:swordfish@:port"] {
        let error = RedisReplayStore::connect(url).await.map(drop).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("swordfish"), "{error}");
    }
}
