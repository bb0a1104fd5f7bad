//! Back-channel logout and step-up over HTTP: a logged-out user's next request is refused, and a
//! challenge is solved in one round.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

mod support;

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
            .secured_by(verifier);
        Self { clock, issuer, app }
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

#[tokio::test]
async fn what_is_no_logout_is_answered_by_400_and_changes_nothing() {
    let service = Service::start();
    let ada = service.issuer.token(&service.clock, "orders").role("clerk").subject("ada").sign();
    let token = service.logout_token();
    for (kind, body) in [
        (FORM, String::new()),
        (FORM, "logout_token=".to_owned()),
        (FORM, format!("logout_token={ada}")),
        (FORM, format!("token={token}")),
        (FORM, format!("logout_token={token}&logout_token={token}")),
        (FORM, format!("logout_token={token}&padding={}", "x".repeat(64 * 1024))),
        ("application/json", format!("logout_token={token}")),
        ("text/plain", format!("logout_token={token}")),
    ] {
        assert_eq!(service.log_out(kind, body).await, StatusCode::BAD_REQUEST);
    }
    assert_eq!(service.get("/orders", &ada).await.status, StatusCode::OK);
    // What else there is in front and behind does not matter.
    let body = format!("logout_token={token}");
    let kind = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
    assert_eq!(service.log_out(kind, body).await, StatusCode::OK);
    assert_eq!(service.get("/orders", &ada).await.status, StatusCode::UNAUTHORIZED);
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
    let request = Request::get("/.well-known/oauth-protected-resource/orders");
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let answer = Answer::of(response).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.body,
        r#"{"resource":"https://api.test/orders","authorization_servers":["https://issuer.test"],"scopes_supported":["write:orders"],"bearer_methods_supported":["header"]}"#
    );
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
