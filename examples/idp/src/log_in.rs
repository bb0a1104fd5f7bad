//! How a person gets a token: authorization code with PKCE (RFC 6749 section 4.1, RFC 7636), as a
//! program on the person's own machine does it. In a real service this is the client's part.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::public;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use orders::policy::Policy;
use serde::Deserialize;
use serde_json::Value;

/// What a person asks the provider for.
pub const SCOPES: [&str; 3] = ["read:orders", "write:orders", "read:access"];

/// As many log-ins may be under way at a time.
const LIMIT: usize = 100;

/// The log-ins that are under way: for each `state`, its PKCE verifier.
#[derive(Clone)]
pub struct LogIn {
    issuer: Arc<str>,
    service: SocketAddr,
    under_way: Arc<Mutex<HashMap<String, String>>>,
    client: reqwest::Client,
}

impl LogIn {
    /// Log-ins at `issuer`, for a service at `service`.
    pub fn new(issuer: &str, service: SocketAddr) -> Self {
        Self {
            issuer: issuer.into(),
            service,
            under_way: Arc::default(),
            client: reqwest::Client::new(),
        }
    }

    /// The two pages that a log-in passes.
    pub fn router(self) -> Router<Policy> {
        Router::new().route("/log-in", get(begin)).route("/callback", get(end)).with_state(self)
    }

    fn callback(&self) -> String {
        format!("http://{}/callback", self.service)
    }

    fn remember(&self, state: String, verifier: String) -> bool {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = under_way.len() < LIMIT;
        if has_room {
            under_way.insert(state, verifier);
        }
        has_room
    }

    fn take(&self, state: &str) -> Option<String> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(state)
    }

    /// Exchanges a code for an access token.
    async fn exchange(&self, code: &str, verifier: &str) -> Result<String, reqwest::Error> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("client_id", "browser")
            .append_pair("code", code)
            .append_pair("code_verifier", verifier)
            .append_pair("redirect_uri", &self.callback())
            .append_pair("resource", "urn:orders")
            .finish();
        let request = self.client.post(format!("{}/token", self.issuer)).body(body);
        let form = "application/x-www-form-urlencoded";
        let request = request.header("content-type", form).timeout(Duration::from_secs(5));
        request.send().await?.error_for_status()?.text().await
    }
}

/// Sends the browser to the provider.
#[public(reason = "whoever logs in has no token yet", policy = orders::policy)]
async fn begin(State(log_in): State<LogIn>) -> Result<Redirect, (StatusCode, &'static str)> {
    let (state, verifier) = (random()?, random()?);
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let url = form_urlencoded::Serializer::for_suffix(
        format!("{}/auth?", log_in.issuer),
        log_in.issuer.len() + 6,
    )
    .append_pair("client_id", "browser")
    .append_pair("response_type", "code")
    .append_pair("redirect_uri", &log_in.callback())
    .append_pair("scope", &format!("openid {}", SCOPES.join(" ")))
    .append_pair("resource", "urn:orders")
    .append_pair("code_challenge", &challenge)
    .append_pair("code_challenge_method", "S256")
    .append_pair("state", &state)
    .finish();
    if log_in.remember(state, verifier) {
        Ok(Redirect::to(&url))
    } else {
        Err((StatusCode::SERVICE_UNAVAILABLE, "too many log-ins are under way"))
    }
}

/// What the provider adds to the address of the callback.
#[derive(Deserialize)]
struct Answer {
    state: String,
    code: Option<String>,
    error: Option<String>,
}

/// Takes the code that the provider sends, and shows the token that it is good for.
#[public(reason = "whoever logs in has no token yet", policy = orders::policy)]
async fn end(
    State(log_in): State<LogIn>,
    Query(answer): Query<Answer>,
) -> Result<String, (StatusCode, String)> {
    let refuse = |why: &str| (StatusCode::BAD_REQUEST, format!("no log-in: {why}\n"));
    // INVARIANT: a state is good once, and only if it began here (RFC 6749 section 10.12).
    let verifier = log_in.take(&answer.state).ok_or_else(|| refuse("it did not begin here"))?;
    let code = answer.code.ok_or_else(|| refuse(answer.error.as_deref().unwrap_or("no code")))?;
    let tokens = log_in.exchange(&code, &verifier).await.map_err(|error| {
        (StatusCode::BAD_GATEWAY, format!("the provider gives no token: {error}\n"))
    })?;
    let tokens: Value =
        serde_json::from_str(&tokens).map_err(|error| refuse(&error.to_string()))?;
    let token = tokens.get("access_token").and_then(Value::as_str).unwrap_or_default();
    let service = log_in.service;
    Ok(format!(
        "TOKEN={token}\n\n\
         curl -i -H \"Authorization: Bearer $TOKEN\" http://{service}/orders\n\
         curl -i -H \"Authorization: Bearer $TOKEN\" http://{service}/me\n\
         curl -i -X POST -H \"Authorization: Bearer $TOKEN\" http://{service}/orders/1/refund\n"
    ))
}

/// 256 random bits as text.
fn random() -> Result<String, (StatusCode, &'static str)> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)
        .map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, "the system has no random numbers"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
