//! A provider that nobody here wrote: `oidc-provider` in a process of its own. Its tokens are
//! accepted by nothing but its address, also while it rotates its keys, and while it is down.
//!
//! Without Node or `npm ci --prefix tests/provider` nothing is tested, and a line that starts with
//! `skipped:` says so.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::requires;
use authz_core::token::{Dpop, Introspection, Issuer};
use authz_tests::policy::{self, Verifier};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::ServiceExt as _;

#[path = "support/sender.rs"]
mod sender;

use sender::Sender;

/// The address of the service, as clients write it.
const SERVICE: &str = "https://api.example.com";

const JWT: &str = "urn:orders:jwt";
const OPAQUE: &str = "urn:orders:opaque";

#[requires(scope = "read:orders")]
async fn list_orders() -> &'static str {
    "orders"
}

#[requires(scope = "write:orders")]
async fn place_order() -> &'static str {
    "placed"
}

struct Provider {
    port: u16,
    keys: PathBuf,
    process: Child,
}

impl Provider {
    fn start(name: &str) -> Option<Self> {
        let port = authz_tests::free_port();
        let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("keys-of-{name}.json"));
        let _ = std::fs::remove_file(&keys);
        let Some(process) = Self::spawn(port, &keys) else {
            // Not `println!`, which the harness keeps to itself.
            let why =
                b"\nskipped: oidc-provider is not installed (npm ci --prefix tests/provider)\n";
            std::io::stdout().write_all(why).unwrap();
            return None;
        };
        Some(Self { port, keys, process })
    }

    fn spawn(port: u16, keys: &Path) -> Option<Child> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        if !folder.join("node_modules/oidc-provider").exists() {
            return None;
        }
        let mut process = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .args([&port.to_string(), keys.to_str().unwrap()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "ready"), "no provider");
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(process)
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts again with one more key in front.
    fn restart(&mut self) {
        self.process = Self::spawn(self.port, &self.keys).unwrap();
    }

    fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Client credentials: a token for a resource with a scope.
    async fn token(&self, resource: &str, scope: &str) -> String {
        let body = format!("grant_type=client_credentials&resource={resource}&scope={scope}");
        let answer = self.post("orders-cli", "/token", &body).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer.get("access_token").unwrap().as_str().unwrap().to_owned()
    }

    /// As [`token`](Self::token), bound to the key of the sender (RFC 9449 section 5).
    async fn bound_token(&self, sender: &Sender, resource: &str, scope: &str) -> String {
        let body = format!("grant_type=client_credentials&resource={resource}&scope={scope}");
        let url = format!("{}/token", self.issuer());
        let proof = sender.sign(&Sender::claims("POST", &url, None));
        let more = format!("dpop: {proof}\r\n");
        let answer = self.post_with(&more, "orders-cli", "/token", &body).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer.get("token_type").unwrap(), "DPoP");
        answer.get("access_token").unwrap().as_str().unwrap().to_owned()
    }

    /// RFC 7009.
    async fn revoke(&self, token: &str) {
        self.post("orders-cli", "/token/revocation", &format!("token={token}")).await;
    }

    async fn post(&self, client: &str, path: &str, body: &str) -> String {
        self.post_with("", client, path, body).await
    }

    /// With more header fields.
    async fn post_with(&self, more: &str, client: &str, path: &str, body: &str) -> String {
        let secret = format!("secret%20of%20{client}%2C%20long%20enough");
        let credentials = STANDARD.encode(format!("{client}:{secret}"));
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\n\
             authorization: Basic {credentials}\r\n{more}\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// A service that knows of the provider what a service knows.
    async fn service(&self) -> axum::Router {
        let endpoint = format!("{}/token/introspection", self.issuer());
        let secret = "secret of orders-api, long enough";
        let introspection =
            Introspection::new(&endpoint, "orders-api", secret).remembering_for(Duration::ZERO);
        let issuer = Issuer::discover(&self.issuer())
            .introspection(introspection)
            .danger_allow_insecure_issuer();
        let builder = Verifier::discover(issuer).audience("orders-api");
        let verifier = builder.dpop(Dpop::new(SERVICE)).build().await.unwrap();
        Router::<policy::Policy>::new()
            .route("/orders", get(list_orders))
            .route("/orders/new", post(place_order))
            .secured_by(verifier)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_file(&self.keys);
    }
}

async fn status(app: &axum::Router, method: &str, path: &str, token: &str) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    app.clone().oneshot(request).await.unwrap().status().as_u16()
}

async fn list(app: &axum::Router, token: &str) -> u16 {
    status(app, "GET", "/orders", token).await
}

#[tokio::test]
async fn tokens_of_client_credentials_do_what_their_scopes_say() {
    let Some(provider) = Provider::start("scopes") else { return };
    let app = provider.service().await;
    for resource in [JWT, OPAQUE] {
        let reader = provider.token(resource, "read:orders").await;
        assert_eq!(list(&app, &reader).await, 200, "{resource}");
        assert_eq!(status(&app, "POST", "/orders/new", &reader).await, 403, "{resource}");
        let writer = provider.token(resource, "write:orders").await;
        assert_eq!(list(&app, &writer).await, 200, "{resource}: includes reading");
        assert_eq!(status(&app, "POST", "/orders/new", &writer).await, 200, "{resource}");
    }
    assert_eq!(list(&app, "anything-else").await, 401);
}

#[tokio::test]
async fn an_opaque_token_that_the_provider_revokes_is_refused() {
    let Some(provider) = Provider::start("revocation") else { return };
    let app = provider.service().await;
    let (revoked, other) =
        (provider.token(OPAQUE, "read:orders").await, provider.token(OPAQUE, "read:orders").await);
    assert_eq!((list(&app, &revoked).await, list(&app, &other).await), (200, 200));
    provider.revoke(&revoked).await;
    assert_eq!((list(&app, &revoked).await, list(&app, &other).await), (401, 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_goes_unnoticed_and_an_outage_is_told_from_a_bad_token() {
    let Some(mut provider) = Provider::start("rotation") else { return };
    let app = provider.service().await;
    let old = provider.token(JWT, "read:orders").await;
    let opaque = provider.token(OPAQUE, "read:orders").await;
    assert_eq!(list(&app, &old).await, 200);

    // Requests go on while the provider stops and comes back with another key.
    let (stop, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (app, old) = (app.clone(), old.clone());
            let (stop, requests) = (Arc::clone(&stop), Arc::clone(&requests));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    assert_eq!(list(&app, &old).await, 200);
                    requests.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    provider.stop();
    assert_eq!(list(&app, &opaque).await, 503, "nobody can say what it is");
    assert_eq!(list(&app, &old).await, 200, "its key is known");
    provider.restart();
    let new = provider.token(JWT, "read:orders").await;
    let header = |token: &str| token.split_once('.').unwrap().0.to_owned();
    assert_ne!(header(&old), header(&new), "signed with another key");
    assert_eq!(list(&app, &new).await, 200, "with the first request");
    stop.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(requests.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn a_token_that_the_provider_binds_to_a_key_asks_for_the_key() {
    let Some(provider) = Provider::start("dpop") else { return };
    let app = provider.service().await;
    let (sender, thief) = (Sender::new(), Sender::new());
    let url = format!("{SERVICE}/orders");
    for resource in [JWT, OPAQUE] {
        let token = provider.bound_token(&sender, resource, "read:orders").await;
        let send = |proof: String| {
            let request = Request::get("/orders")
                .header("authorization", format!("DPoP {token}"))
                .header("dpop", proof)
                .body(Body::empty())
                .unwrap();
            let app = app.clone();
            async move { app.oneshot(request).await.unwrap().status().as_u16() }
        };
        for _ in 0..2 {
            let proof = sender.proof("GET", &url, &token);
            assert_eq!(send(proof.clone()).await, 200, "{resource}");
            assert_eq!(send(proof).await, 401, "{resource}: used");
        }
        assert_eq!(send(thief.proof("GET", &url, &token)).await, 401, "{resource}: another key");
        assert_eq!(list(&app, &token).await, 401, "{resource}: without a proof");
        // One that is bound to nothing has no use for a proof.
        let bearer = provider.token(resource, "read:orders").await;
        assert_eq!(list(&app, &bearer).await, 200, "{resource}");
    }
}
