//! A provider that nobody here wrote: `oidc-provider` in a process of its own. Its tokens are
//! accepted by nothing but its address, also while it rotates its keys, and while it is down.
//!
//! Without Node or `npm ci --prefix tests/provider` nothing is tested, and a line that starts with
//! `skipped:` says so.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use authz_core::axum::routing::{get, post};
use authz_core::axum::{Router, back_channel_logout};
use authz_core::token::{BackChannelLogout, Dpop, Introspection, Issuer, Revocations};
use authz_core::{Guard, requires};
use authz_tests::policy::{self, Verifier};
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

#[path = "support/browser.rs"]
mod browser;
#[path = "support/provider.rs"]
mod provider;
#[path = "support/sender.rs"]
mod sender;

use browser::Browser;
use provider::{Code, JWT, OPAQUE, Provider};
use sender::Sender;

/// The address of the service, as clients write it.
const SERVICE: &str = "https://api.example.com";

const SECRETS: &str = "/orders/secrets";

#[requires(authenticated)]
async fn me(guard: Guard<me>) -> String {
    guard.subject().to_owned()
}

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

/// A service that knows of the provider what a service knows.
async fn service(provider: &Provider) -> axum::Router {
    let endpoint = format!("{}/token/introspection", provider.issuer());
    let secret = "secret of orders-api, long enough";
    let introspection =
        Introspection::new(&endpoint, "orders-api", secret).remembering_for(Duration::ZERO);
    let issuer = Issuer::discover(&provider.issuer())
        .introspection(introspection)
        .danger_allow_insecure_issuer();
    let verifier = Verifier::discover(issuer)
        .audience("orders-api")
        .dpop(Dpop::new(SERVICE))
        .revocations(&Revocations::new())
        .build()
        .await
        .unwrap();
    let logout = BackChannelLogout::new(&verifier, "orders-web").unwrap().client_id("orders-app");
    Router::<policy::Policy>::new()
        .route("/me", get(me))
        .route("/orders", get(list_orders))
        .route("/orders/new", post(place_order))
        .route(SECRETS, get(show_secrets))
        .public_service("/logout", "the logout token is signed", back_channel_logout(logout))
        .secured_by(verifier)
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

async fn whoami(app: &axum::Router, token: &str) -> String {
    let request = Request::get("/me").header("authorization", format!("Bearer {token}"));
    let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test]
async fn tokens_of_client_credentials_do_what_their_scopes_say() {
    let Some(provider) = Provider::start("scopes") else { return };
    let app = service(&provider).await;
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
    let app = service(&provider).await;
    let (revoked, other) =
        (provider.token(OPAQUE, "read:orders").await, provider.token(OPAQUE, "read:orders").await);
    assert_eq!((list(&app, &revoked).await, list(&app, &other).await), (200, 200));
    provider.revoke(&revoked).await;
    assert_eq!((list(&app, &revoked).await, list(&app, &other).await), (401, 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_goes_unnoticed_and_an_outage_is_told_from_a_bad_token() {
    let Some(mut provider) = Provider::start("rotation") else { return };
    let app = service(&provider).await;
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
    let app = service(&provider).await;
    let (sender, thief) = (Sender::new(), Sender::new());
    let url = format!("{SERVICE}/orders");
    for resource in [JWT, OPAQUE] {
        let token = provider.bound_token(&sender, resource, "read:orders").await;
        let send = |path: &str, proof: String| {
            let request = Request::get(path)
                .header("authorization", format!("DPoP {token}"))
                .header("dpop", proof)
                .body(Body::empty())
                .unwrap();
            let app = app.clone();
            async move { app.oneshot(request).await.unwrap().status().as_u16() }
        };
        for _ in 0..2 {
            let proof = sender.proof("GET", &url, &token);
            assert_eq!(send("/orders", proof.clone()).await, 200, "{resource}");
            assert_eq!(send("/orders", proof).await, 401, "{resource}: used");
        }
        assert_eq!(
            send("/orders", thief.proof("GET", &url, &token)).await,
            401,
            "{resource}: another key"
        );
        assert_eq!(list(&app, &token).await, 401, "{resource}: without a proof");
        // One that is bound to nothing has no use for a proof, and opens less.
        let bearer = provider.token(resource, "read:orders").await;
        assert_eq!(list(&app, &bearer).await, 200, "{resource}");
        assert_eq!(status(&app, "GET", SECRETS, &bearer).await, 401, "{resource}");
        let proof = sender.proof("GET", &format!("{SERVICE}{SECRETS}"), &token);
        assert_eq!(send(SECRETS, proof).await, 200, "{resource}");
    }
}

#[tokio::test]
async fn a_person_logs_in_for_a_program_that_proves_that_it_asked() {
    let Some(provider) = Provider::start("code") else { return };
    let app = service(&provider).await;
    let mut browser = Browser::new(&provider.issuer());
    let code = provider.log_in(&mut browser, "ada", "orders-app").await;
    // Whoever has seen the code and nothing else gets nothing for it.
    let stolen = Code { verifier: "x".repeat(43), ..code };
    let refused = provider.exchange(&stolen, "orders-app").await.unwrap_err();
    assert!(refused.contains("invalid_grant"), "{refused}");

    let code = provider.log_in(&mut browser, "ada", "orders-app").await;
    let token = provider.exchange(&code, "orders-app").await.unwrap();
    assert_eq!(whoami(&app, &token).await, "ada");
    assert_eq!(list(&app, &token).await, 200);
    assert_eq!(status(&app, "POST", "/orders/new", &token).await, 403, "she allowed reading");
}

#[tokio::test]
async fn who_logs_out_at_the_provider_is_out_here_with_the_next_request() {
    let here = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let logout = format!("http://{}/logout", here.local_addr().unwrap());
    let Some(provider) = Provider::start_with_logout("logout", &logout) else { return };
    let app = service(&provider).await;
    let served = app.clone();
    tokio::spawn(async move { axum::serve(here, served).await });

    let browser = || Browser::new(&provider.issuer());
    let (mut office, mut phone, mut bobs) = (browser(), browser(), browser());
    let token = async |browser: &mut Browser, who: &str, client: &str| {
        let code = provider.log_in(browser, who, client).await;
        provider.exchange(&code, client).await.unwrap()
    };
    // The tokens of `orders-web` name their session, those of `orders-app` don't.
    let in_office = token(&mut office, "ada", "orders-web").await;
    let on_phone = token(&mut phone, "ada", "orders-web").await;
    let nameless = token(&mut phone, "ada", "orders-app").await;
    let of_bob = token(&mut bobs, "bob", "orders-web").await;
    let all = [&in_office, &on_phone, &nameless, &of_bob];
    let seen = async || {
        let mut seen = [0; 4];
        for (status, token) in seen.iter_mut().zip(all) {
            *status = list(&app, token).await;
        }
        seen
    };
    assert_eq!(seen().await, [200, 200, 200, 200]);
    provider.log_out(&mut office).await;
    assert_eq!(seen().await, [401, 200, 401, 200], "a token without a session may be of this one");
    provider.log_out(&mut phone).await;
    assert_eq!(seen().await, [401, 401, 401, 200]);
}
