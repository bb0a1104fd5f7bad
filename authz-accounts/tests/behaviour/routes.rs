//! The handlers: one journey from no account to a revoked key, and what they refuse.

use std::time::Duration;

use authz_accounts::{Accounts, Source};
use authz_core::axum::Router;
use authz_core::testing::Clock;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, SET_COOKIE, WWW_AUTHENTICATE};
use axum::response::Response;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::authenticator::{Authenticator, DOMAIN, ORIGIN};
use crate::database::Database;
use crate::second_factor::code;
use crate::support::{PASSWORD, Policy, Role, START, builder, home};

crate::on_both_databases! {
    from_no_account_to_a_revoked_key
    from_a_passkey_to_none
    a_session_that_is_too_old_is_asked_to_step_up
    another_site_can_not_log_somebody_in
    faults_are_problems
}

/// A browser in front of the handlers.
struct Browser {
    router: axum::Router,
    accounts: Accounts<Policy>,
    clock: Clock,
    cookie: String,
}

impl Browser {
    async fn open(database: &Database) -> Self {
        let clock = Clock::at(START);
        let builder = builder(&clock).passkeys(DOMAIN, ORIGIN);
        let accounts: Accounts<Policy> = builder.open(&database.url).await.unwrap();
        let router = Router::new().nest("/account", accounts.routes());
        let router = router.secured_by(accounts.verifier());
        Self { router, accounts, clock, cookie: String::new() }
    }

    /// Sends a request as a page of the service does, and keeps the cookie that comes back.
    async fn ask(&mut self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder().header("sec-fetch-site", "same-origin");
        let response = self.send(request, method, path, body).await;
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            cookie.clone_into(&mut self.cookie);
        }
        let status = response.status();
        let text = crate::support::text(response).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn send(
        &self,
        request: http::request::Builder,
        method: &str,
        path: &str,
        body: Value,
    ) -> Response {
        let request = request
            .method(method)
            .uri(format!("/account{path}"))
            .header(HOST, "shop.example")
            .header(COOKIE, &self.cookie)
            .header("content-type", "application/json")
            .extension(Source::named("browser"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        // Whatever it is, a refusal or a page of nobody's: no cache keeps it.
        assert_eq!(response.headers()["cache-control"], "no-store", "{method} {path}");
        response
    }

    async fn log_in(&mut self) -> Value {
        let (status, body) =
            self.ask("POST", "/log-in", json!({ "name": "ann", "password": PASSWORD })).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    fn code(&self, secret: &str) -> String {
        self.clock.advance(Duration::from_secs(30));
        code(secret, self.clock.now())
    }
}

async fn from_no_account_to_a_revoked_key(database: Database) {
    let mut ann = Browser::open(&database).await;
    let credentials = json!({ "name": "ann", "password": PASSWORD });
    assert_eq!(ann.ask("GET", "/me", json!({})).await.0, 401);
    assert_eq!(ann.ask("POST", "/sign-up", credentials.clone()).await.0, 201);
    ann.accounts.danger_grant_role("ann", Role::Clerk).await.unwrap();
    assert_eq!(ann.log_in().await, json!({ "second_factor": false }));
    let (_, me) = ann.ask("GET", "/me", json!({})).await;
    assert_eq!((&me["name"], &me["amr"]), (&json!("ann"), &json!(["pwd"])));
    assert_eq!(me["scopes"], json!(["read:orders", "write:orders"]));

    let (status, app) = ann.ask("POST", "/app", json!({})).await;
    assert_eq!(status, 200);
    let secret = app["secret"].as_str().unwrap().to_owned();
    assert!(app["svg"].as_str().unwrap().starts_with("<svg"));
    let shown = json!({ "code": ann.code(&secret) });
    let (status, codes) = ann.ask("PUT", "/app", shown).await;
    assert_eq!((status, codes["recovery_codes"].as_array().unwrap().len()), (StatusCode::OK, 10));

    assert_eq!(ann.ask("POST", "/log-out", json!({})).await.0, 200);
    assert_eq!(ann.cookie, "__Host-session=");
    assert_eq!(ann.log_in().await, json!({ "second_factor": true }));
    assert_eq!(ann.ask("GET", "/me", json!({})).await.0, 401);
    let shown = json!({ "code": ann.code(&secret) });
    assert_eq!(ann.ask("POST", "/second-factor", shown).await.0, 200);
    assert_eq!(ann.ask("GET", "/me", json!({})).await.1["acr"], "aal2");

    let wanted = json!({ "label": "till", "scopes": ["read:orders"], "days": 30 });
    let (status, key) = ann.ask("POST", "/keys", wanted).await;
    assert_eq!(status, 201);
    let with_key = async |browser: &Browser, key: &Value| {
        let key = format!("Bearer {}", key["key"].as_str().unwrap());
        let request = Request::builder().header(AUTHORIZATION, key);
        browser.send(request, "GET", "/me", json!({})).await.status()
    };
    assert_eq!(with_key(&ann, &key).await, 200);
    let id = key["id"].as_str().unwrap().to_owned();
    let rotation = json!({ "overlap_hours": 1 });
    let (status, new) = ann.ask("POST", &format!("/keys/{id}/rotation"), rotation).await;
    assert_eq!((status, with_key(&ann, &new).await), (StatusCode::CREATED, StatusCode::OK));
    let (_, keys) = ann.ask("GET", "/keys", json!({})).await;
    assert_eq!(keys["items"].as_array().unwrap().len(), 2);
    assert!(!keys.to_string().contains("authz_"), "{keys}");
    assert_eq!(ann.ask("DELETE", &format!("/keys/{id}"), json!({})).await.0, 204);
    assert_eq!(with_key(&ann, &key).await, 401);

    let (_, sessions) = ann.ask("GET", "/sessions", json!({})).await;
    let session = sessions["items"][0]["id"].as_str().unwrap().to_owned();
    let (status, codes) = ann.ask("POST", "/app/codes", json!({})).await;
    assert_eq!((status, codes["recovery_codes"].as_array().unwrap().len()), (StatusCode::OK, 10));
    assert_eq!(ann.ask("DELETE", "/app", json!({})).await.0, 204);
    let new = json!({ "present": PASSWORD, "new": crate::support::OTHER_PASSWORD });
    assert_eq!(ann.ask("POST", "/password", new).await.0, 200);
    assert_eq!(ann.ask("DELETE", &format!("/sessions/{session}"), json!({})).await.0, 404);
    assert_eq!(ann.ask("GET", "/me", json!({})).await.0, 200);
}

async fn from_a_passkey_to_none(database: Database) {
    let mut ann = Browser::open(&database).await;
    let mut key = Authenticator::new(b"a key of ann");
    let credentials = json!({ "name": "ann", "password": PASSWORD });
    assert_eq!(ann.ask("POST", "/sign-up", credentials).await.0, 201);
    ann.log_in().await;
    let (status, options) = ann.ask("POST", "/passkeys/challenge", json!({})).await;
    assert_eq!(status, 200, "{options}");
    let new = json!({ "label": "phone", "credential": key.create(&options) });
    let (status, codes) = ann.ask("POST", "/passkeys", new).await;
    assert_eq!((status, codes["recovery_codes"].as_array().unwrap().len()), (StatusCode::OK, 10));

    // Beside the password, instead of it, and again.
    assert_eq!(ann.ask("POST", "/log-out", json!({})).await.0, 200);
    assert_eq!(ann.log_in().await, json!({ "second_factor": true }));
    for way in ["second-factor", "reauthenticate", "log-in"] {
        let before = ann.cookie.clone();
        let challenge = format!("/{way}/passkey/challenge");
        let (status, options) = ann.ask("POST", &challenge, json!({})).await;
        assert_eq!(status, 200, "{way}: {options}");
        let answer = key.get(&options);
        let (status, body) = ann.ask("POST", &format!("/{way}/passkey"), answer.clone()).await;
        assert_eq!(status, 200, "{way}: {body}");
        assert_ne!(ann.cookie, before, "{way}");
        let (status, _) = ann.ask("POST", &format!("/{way}/passkey"), answer).await;
        assert_eq!(status, 401, "{way} again");
        assert_eq!(ann.ask("GET", "/me", json!({})).await.1["acr"], "aal2", "{way}");
        let old = std::mem::replace(&mut ann.cookie, before);
        assert_eq!(ann.ask("GET", "/me", json!({})).await.0, 401, "{way}: the old session");
        ann.cookie = old;
    }
    for path in ["/log-in/passkey/challenge", "/log-in/passkey", "/passkeys/challenge"] {
        let request = Request::builder().header("sec-fetch-site", "cross-site");
        let foreign = ann.send(request, "POST", path, json!({})).await;
        assert_eq!(foreign.status(), 403, "{path}");
    }

    ann.clock.advance(Duration::from_mins(16));
    let (_, passkeys) = ann.ask("GET", "/passkeys", json!({})).await;
    let id = passkeys["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(passkeys["items"][0]["label"], "phone");
    assert_eq!(ann.ask("POST", "/passkeys/challenge", json!({})).await.0, 401);
    assert_eq!(ann.ask("DELETE", &format!("/passkeys/{id}"), json!({})).await.0, 401);
    let (_, options) = ann.ask("POST", "/reauthenticate/passkey/challenge", json!({})).await;
    let answer = key.get(&options);
    assert_eq!(ann.ask("POST", "/reauthenticate/passkey", answer).await.0, 200);
    assert_eq!(ann.ask("DELETE", &format!("/passkeys/{id}"), json!({})).await.0, 200);
    assert_eq!(ann.ask("GET", "/passkeys", json!({})).await.1, json!({ "items": [] }));
    let (_, options) = ann.ask("POST", "/log-in/passkey/challenge", json!({})).await;
    assert_eq!(ann.ask("POST", "/log-in/passkey", key.get(&options)).await.0, 401);
}

async fn a_session_that_is_too_old_is_asked_to_step_up(database: Database) {
    let mut ann = Browser::open(&database).await;
    ann.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    ann.log_in().await;
    ann.clock.advance(Duration::from_mins(16));
    let wanted = json!({ "label": "", "scopes": [], "days": 1 });
    let request = Request::builder().header("sec-fetch-site", "same-origin");
    let refused = ann.send(request, "POST", "/keys", wanted.clone()).await;
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("max_age=900"), "{challenge}");
    assert_eq!(ann.ask("POST", "/reauthenticate", json!({ "password": PASSWORD })).await.0, 200);
    assert_eq!(ann.ask("POST", "/keys", wanted).await.0, 201);
}

async fn another_site_can_not_log_somebody_in(database: Database) {
    let ann = Browser::open(&database).await;
    ann.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    let credentials = json!({ "name": "ann", "password": PASSWORD });
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "https://shop.example", 200),
        ("user-agent", "a program", 200),
    ] {
        let request = Request::builder().header(name, value);
        let response = ann.send(request, "POST", "/log-in", credentials.clone()).await;
        assert_eq!(response.status(), status, "{name}: {value}");
        assert_eq!(response.headers().contains_key(SET_COOKIE), status == 200);
    }
}

async fn faults_are_problems(database: Database) {
    let mut ann = Browser::open(&database).await;
    let sign_up = async |ann: &mut Browser, name: &str, password: &str| {
        ann.ask("POST", "/sign-up", json!({ "name": name, "password": password })).await
    };
    let (status, problem) = sign_up(&mut ann, "ann", "short").await;
    assert_eq!(status, 422);
    assert_eq!(problem["detail"], "a password needs at least 15 characters");
    assert_eq!(sign_up(&mut ann, "a b", PASSWORD).await.0, 422);
    assert_eq!(sign_up(&mut ann, "ann", PASSWORD).await.0, 201);
    assert_eq!(sign_up(&mut ann, "ANN", PASSWORD).await.0, 409);
    let wrong = json!({ "name": "ann", "password": "wrong" });
    for _ in 0..5 {
        assert_eq!(ann.ask("POST", "/log-in", wrong.clone()).await.0, 401);
    }
    let request = Request::builder();
    let waits = ann.send(request, "POST", "/log-in", wrong.clone()).await;
    assert_eq!(waits.status(), 429);
    assert_eq!(waits.headers()["retry-after"], "30");
    assert_eq!(waits.headers()["content-type"], "application/problem+json");
    // Without a source everybody would wait for everybody: nobody is let in.
    let request = Request::post("/account/log-in").header("content-type", "application/json");
    let request = request.body(Body::from(wrong.to_string())).unwrap();
    assert_eq!(ann.router.clone().oneshot(request).await.unwrap().status(), 503);
    database.run("ALTER TABLE account RENAME TO gone").await;
    let (status, problem) = sign_up(&mut ann, "bob", PASSWORD).await;
    assert_eq!(status, 503);
    assert_eq!(problem["detail"], "accounts can't be reached right now");
    database.run("ALTER TABLE gone RENAME TO account").await;
}

authz_accounts::record_routes!(Policy);

#[tokio::test]
async fn every_route_is_in_the_manifest() {
    let database = Database::sqlite();
    let routes: Router<Policy> = Browser::open(&database).await.accounts.routes();
    let manifest = authz_core::manifest().unwrap();
    let recorded = manifest.functions.iter().filter(|one| one.id.starts_with("authz_accounts::"));
    let recorded: Vec<_> = recorded.map(|one| one.id.as_str()).collect();
    let mut served: Vec<_> =
        routes.routes().iter().map(|route| route.function().unwrap().id()).collect();
    served.sort_unstable();
    assert_eq!(recorded, served);
    let log_in = manifest.functions.iter().find(|one| one.id == "authz_accounts::axum::log_in");
    let log_in = log_in.unwrap();
    assert_eq!(
        (log_in.kind.as_str(), log_in.policy.as_str()),
        ("public", "behaviour::support::policy::Policy")
    );
    let key = manifest.functions.iter().find(|one| one.id.ends_with("::axum::create_key"));
    let asked = serde_json::to_value(&key.unwrap().requirement).unwrap();
    assert!(asked.to_string().contains("900"), "{asked}");
}

#[tokio::test]
async fn the_routes_say_what_they_ask_for() {
    let database = Database::sqlite();
    let ann = Browser::open(&database).await;
    let routes: Router<Policy> = ann.accounts.routes();
    let listed: Vec<_> = routes.routes().iter().map(ToString::to_string).collect();
    assert!(
        listed.contains(&"POST /keys authz_accounts::axum::create_key".to_owned()),
        "{listed:?}"
    );
    let function = |path: &str| {
        let route = routes.routes().iter().find(|route| route.path() == path).unwrap();
        route.function().unwrap()
    };
    assert_eq!(function("/keys/{id}/rotation").requirement().to_string(), "max_age = \"15m\"");
    assert!(function("/log-in").reason().is_some());
}
