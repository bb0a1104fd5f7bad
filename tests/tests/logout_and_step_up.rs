//! Back-channel logout and step-up over HTTP: a logged-out user's next request is refused, and a
//! challenge is solved in one round.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

mod support;

use std::sync::Arc;

use authz_core::actix;
use authz_core::axum::routing::get;
use authz_core::axum::{Router, back_channel_logout, protected_resource};
use authz_core::http::ProtectedResource;
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{BackChannelLogout, ClaimMapping, Revocations};
use authz_core::{Guard, requires};
use authz_tests::policy::{self, Verifier};
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;
use support::Answer;
use tower::ServiceExt as _;

const ISSUER: &str = "https://issuer.test";
const NOW: u64 = 1_800_000_000;
const FORM: &str = "application/x-www-form-urlencoded";

#[requires(role = "clerk")]
async fn orders() -> &'static str {
    "orders"
}

#[requires(role = "clerk", mfa, max_age = "5m")]
async fn refund() -> &'static str {
    "refunded"
}

#[requires(scope = "write:orders")]
fn place(_guard: Guard<place>) {}

struct Service {
    clock: Clock,
    issuer: TestIssuer,
    verifier: Verifier,
    app: axum::Router,
}

impl Service {
    fn start() -> Self {
        let clock = Clock::at(NOW);
        let issuer = TestIssuer::new(ISSUER);
        let mapping = ClaimMapping::rfc9068().mfa_by_acr(["gold", "platinum"]);
        let verifier = Verifier::builder()
            .issuer(issuer.trusted().claims(mapping))
            .audience("orders")
            .clock(&clock)
            .revocations(&Revocations::new())
            .build()
            .unwrap();
        let logout = back_channel_logout(BackChannelLogout::new(&verifier, "orders-web").unwrap());
        let app = Router::new()
            .route("/orders", get(orders))
            .route("/refund", get(refund))
            .public_service("/logout", "the logout token is signed", logout)
            .secured_by(verifier.clone());
        Self { clock, issuer, verifier, app }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.app.clone().oneshot(request).await.unwrap()).await
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn log_out(&self, kind: &str, body: String) -> StatusCode {
        let request = Request::post("/logout").header("content-type", kind);
        self.send(request.body(Body::from(body)).unwrap()).await.status
    }

    fn logout_token(&self) -> String {
        self.issuer
            .token(&self.clock, "orders-web")
            .typ(Some("logout+jwt"))
            .subject("ada")
            .claim("jti", "l-1")
            .claim("events", json!({"http://schemas.openid.net/event/backchannel-logout": {}}))
            .sign()
    }
}

#[tokio::test]
async fn after_a_logout_the_next_request_is_refused() {
    let service = Service::start();
    let token =
        |subject| service.issuer.token(&service.clock, "orders").role("clerk").subject(subject);
    let (ada, bob) = (token("ada").sign(), token("bob").sign());
    for token in [&ada, &bob, &ada] {
        assert_eq!(service.get("/orders", token).await.status, StatusCode::OK);
    }
    let body = format!("other=1&logout_token={}", service.logout_token());
    assert_eq!(service.log_out(FORM, body.clone()).await, StatusCode::OK);
    let refused = service.get("/orders", &ada).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let challenge = refused.challenge.unwrap();
    assert!(challenge.contains("invalid_token") && !challenge.contains("revoked"), "{challenge}");
    assert_eq!(service.get("/orders", &bob).await.status, StatusCode::OK);
    assert_eq!(service.log_out(FORM, body).await, StatusCode::BAD_REQUEST, "a replay");
}

/// What an issuer does not send, by `Content-Type` and body.
fn no_logouts(service: &Service) -> Vec<(&'static str, String)> {
    let ada = service.issuer.token(&service.clock, "orders").role("clerk").subject("ada").sign();
    let token = service.logout_token();
    vec![
        (FORM, String::new()),
        (FORM, "logout_token=".to_owned()),
        (FORM, format!("logout_token={ada}")),
        (FORM, format!("token={token}")),
        (FORM, format!("logout_token={token}&logout_token={token}")),
        (FORM, format!("logout_token={token}&padding={}", "x".repeat(64 * 1024))),
        ("application/json", format!("logout_token={token}")),
        ("text/plain", format!("logout_token={token}")),
    ]
}

#[tokio::test]
async fn what_is_no_logout_is_answered_by_400_and_changes_nothing() {
    let service = Service::start();
    let ada = service.issuer.token(&service.clock, "orders").role("clerk").subject("ada").sign();
    for (kind, body) in no_logouts(&service) {
        assert_eq!(service.log_out(kind, body).await, StatusCode::BAD_REQUEST);
    }
    assert_eq!(service.get("/orders", &ada).await.status, StatusCode::OK);
    // What else there is in front and behind does not matter.
    let body = format!("logout_token={}", service.logout_token());
    let kind = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
    assert_eq!(service.log_out(kind, body).await, StatusCode::OK);
    assert_eq!(service.get("/orders", &ada).await.status, StatusCode::UNAUTHORIZED);
}

/// Posts to the endpoint on actix-web, in an app of its own as each worker has one.
async fn log_out_on_actix(
    logout: &Arc<BackChannelLogout<policy::Policy>>,
    kind: &str,
    body: String,
) -> (u16, String) {
    let endpoint = actix::back_channel_logout("/logout", Arc::clone(logout));
    let app = actix_web::test::init_service(actix_web::App::new().service(endpoint)).await;
    let request = actix_web::test::TestRequest::post().uri("/logout");
    let request = request.insert_header(("content-type", kind)).set_payload(body);
    let response = actix_web::test::call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
    let body = actix_web::test::read_body(response).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_logout_is_received_on_actix_web_too() {
    let service = Service::start();
    let ada = service.issuer.token(&service.clock, "orders").role("clerk").subject("ada").sign();
    let logout = Arc::new(BackChannelLogout::new(&service.verifier, "orders-web").unwrap());
    for (kind, body) in no_logouts(&service) {
        let answer = log_out_on_actix(&logout, kind, body).await;
        assert_eq!(answer, (400, r#"{"error":"invalid_request"}"#.to_owned()));
    }
    assert_eq!(service.get("/orders", &ada).await.status, StatusCode::OK);
    let body = format!("logout_token={}", service.logout_token());
    let kind = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
    assert_eq!(log_out_on_actix(&logout, kind, body.clone()).await, (200, String::new()));
    assert_eq!(service.get("/orders", &ada).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(log_out_on_actix(&logout, FORM, body).await.0, 400, "a replay, in another worker");
}

#[tokio::test]
async fn clients_find_the_authorization_server_and_the_scopes() {
    let issuer = TestIssuer::new(ISSUER);
    let verifier = Verifier::builder().issuer(issuer.trusted()).audience("orders").build().unwrap();
    let manifest = authz_core::manifest().unwrap();
    let _: fn(Guard<place>) = place;
    let resource = ProtectedResource::new("https://api.test/orders", &verifier, &manifest);
    let app = Router::<policy::Policy>::new()
        .public_service(&resource.path(), "clients read it", protected_resource(&resource))
        .secured_by(verifier);
    let path = "/.well-known/oauth-protected-resource/orders";
    let response = app.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let answer = Answer::of(response).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.body,
        r#"{"resource":"https://api.test/orders","authorization_servers":["https://issuer.test"],"scopes_supported":["write:orders"],"bearer_methods_supported":["header"]}"#
    );

    let app = actix_web::App::new().service(actix::protected_resource(&resource));
    let app = actix_web::test::init_service(app).await;
    let request = actix_web::test::TestRequest::with_uri(path).to_request();
    let response = actix_web::test::call_service(&app, request).await;
    assert_eq!(response.headers().get("content-type").unwrap(), "application/json");
    assert_eq!(actix_web::test::read_body(response).await, answer.body.as_bytes());
}

#[tokio::test]
async fn a_step_up_challenge_is_solved_in_one_round() {
    let service = Service::start();
    let token = || service.issuer.token(&service.clock, "orders").role("clerk");
    for weak in
        [token(), token().mfa(), token().claim("acr", "silver"), token().authenticated_ago(301)]
    {
        let refused = service.get("/refund", &weak.sign()).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        let challenge = refused.challenge.unwrap();
        assert!(challenge.contains(r#"error="insufficient_user_authentication""#), "{challenge}");
        // Everything that is lacking, at once.
        assert!(challenge.ends_with(r#"acr_values="gold platinum", max_age=300"#), "{challenge}");
        assert!(refused.body.contains(r#""acr_values":["gold","platinum"],"max_age":300"#));
    }
    // What an authorization server does with these two parameters.
    for class in ["gold", "platinum"] {
        let strong = token().claim("acr", class).authenticated_ago(0).sign();
        assert_eq!(service.get("/refund", &strong).await.status, StatusCode::OK);
    }
}
