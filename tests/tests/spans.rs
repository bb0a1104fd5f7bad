//! What is traced, as a subscriber sees it, and as `RELIABILITY.md` lists it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

#[path = "support/sender.rs"]
mod sender;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authz_core::http::RequestHead;
use authz_core::testing::{Clock, TestIssuer};
use authz_core::token::{
    Dpop, FetchAnswer, HttpClient, Introspection, Issuer, Limits, VerifierBuilder,
};
use authz_core::{Authentication, Authenticator};
use authz_tests::policy::{Policy, Verifier};
use http::{Request, Response};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Instrument as _, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

const ISSUER: &str = "https://issuer.test";

/// A span that was closed: `parent > target name level field=value …`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// The fields of an open span, as text.
#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        self.0.extend([" ", field.name(), "=", value.trim_matches('"')]);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let parent = span.parent().map_or("", |parent| parent.metadata().name());
        let (target, level) = (span.metadata().target(), span.metadata().level());
        // Not those of the clients and servers that take part.
        if target.starts_with("authz") {
            let fields = &span.extensions().get::<Fields>().unwrap().0.clone();
            let name = span.name();
            self.0.lock().unwrap().push(format!("{parent} > {target} {name} {level}{fields}"));
        }
    }
}

/// The spans of what `work` does, within a span of the application's own.
fn spans(work: impl AsyncFnOnce(&Seen)) -> Vec<String> {
    let seen = Seen::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let subscriber = Registry::default().with(seen.clone());
    tracing::subscriber::with_default(subscriber, || {
        let request = tracing::info_span!(target: "shop", "request");
        runtime.block_on(work(&seen).instrument(request));
    });
    seen.lines()
}

/// Tokens that are good now: the clock of the system counts here.
fn now() -> Clock {
    Clock::at(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs())
}

fn builder(issuer: &TestIssuer) -> VerifierBuilder<Policy> {
    Verifier::builder().issuer(issuer.trusted()).audience("shop")
}

#[test]
fn a_token_is_verified_in_a_span_and_a_remembered_one_makes_none() {
    let issuer = TestIssuer::new(ISSUER);
    let verifier = builder(&issuer).build().unwrap();
    let token = issuer.token(&now(), "shop").subject("swordfish").sign();
    let seen = spans(async |seen| {
        verifier.verify(&token).await.unwrap();
        assert_eq!(seen.take(), ["request > authz::token verify DEBUG result=accepted"]);
        verifier.verify(&token).await.unwrap();
        assert!(seen.lines().is_empty(), "{:?}", seen.lines());
        verifier.verify("swordfish").await.unwrap_err();
    });
    assert_eq!(seen, ["request > authz::token verify DEBUG result=refused"]);
}

/// Knows nobody, and takes its time to say so.
struct Stranger;

impl Authenticator<Policy> for Stranger {
    fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            tracing::info_span!(target: "authz_elsewhere", "look_up").in_scope(|| Ok(None))
        })
    }
}

#[test]
fn what_authenticators_do_is_within_their_span() {
    let verifier = Verifier::of(Stranger);
    let request = Request::get("/").body(()).unwrap();
    let seen = spans(async |_| {
        verifier.authenticate(RequestHead::of(&request)).await.unwrap_err();
    });
    assert_eq!(
        seen,
        [
            "authenticate > authz_elsewhere look_up INFO",
            "request > authz::token authenticate DEBUG"
        ]
    );
}

#[test]
fn a_look_at_used_proofs_is_a_span() {
    let (issuer, sender, clock) = (TestIssuer::new(ISSUER), sender::Sender::new(), now());
    let verifier = builder(&issuer).dpop(Dpop::new("https://shop.test")).build().unwrap();
    let cnf = json!({ "jkt": sender.thumbprint() });
    let token = issuer.token(&clock, "shop").claim("cnf", cnf).sign();
    let proof = sender.proof("GET", "https://shop.test/", &token);
    let request = Request::get("/").header("authorization", format!("DPoP {token}"));
    let request = request.header("dpop", proof).body(()).unwrap();
    let seen = spans(async |_| {
        verifier.authenticate(RequestHead::of(&request)).await.unwrap();
    });
    assert_eq!(
        seen,
        [
            "request > authz::token verify DEBUG result=accepted",
            "request > authz::dpop first_use DEBUG"
        ]
    );
}

/// An issuer in memory.
struct Canned(Mutex<String>);

impl HttpClient for Canned {
    fn send(&self, _: Request<Vec<u8>>, _: Limits) -> FetchAnswer<'_> {
        let answer = self.0.lock().unwrap().clone().into_bytes();
        Box::pin(async { Ok(Response::new(answer)) })
    }
}

#[test]
fn keys_are_fetched_in_a_span_of_their_own_and_waited_for_in_the_request() {
    let (known, other) = (TestIssuer::new(ISSUER), TestIssuer::new(ISSUER));
    let token = other.token(&now(), "shop").kid(Some("another")).sign();
    let seen = spans(async |seen| {
        let issuer = Issuer::with_jwks_uri(ISSUER, "https://issuer.test/keys");
        let client = Canned(Mutex::new(known.jwks().to_owned()));
        let builder = Verifier::discover(issuer).audience("shop").http_client(client);
        let verifier = builder.build().await.unwrap();
        let fetched = format!("authz::keys fetch_keys INFO issuer={ISSUER} metadata=true");
        assert_eq!(seen.take(), [format!("request > {fetched} result=fetched")]);
        let answer = tokio::time::timeout(Duration::from_secs(20), verifier.verify(&token)).await;
        answer.unwrap().unwrap_err();
    });
    assert_eq!(
        seen,
        [
            "request > authz::token verify DEBUG result=waits",
            &format!(
                " > authz::keys fetch_keys INFO issuer={ISSUER} metadata=false result=fetched"
            ),
            "request > authz::keys wait_for_keys DEBUG",
            "request > authz::token verify DEBUG result=refused",
        ]
    );
}

#[test]
fn keys_that_are_not_there_are_told() {
    let seen = spans(async |_| {
        let issuer = Issuer::with_jwks_uri(ISSUER, "https://issuer.test/keys");
        let client = Canned(Mutex::new("swordfish".to_owned()));
        let builder = Verifier::discover(issuer).audience("shop").http_client(client);
        builder.build().await.unwrap_err();
    });
    let fetched = format!("authz::keys fetch_keys INFO issuer={ISSUER} metadata=true");
    assert_eq!(seen, [format!("request > {fetched} result=failed")]);
}

#[test]
fn a_question_about_an_opaque_token_is_a_span_without_the_token() {
    let introspection = Introspection::new("https://issuer.test/introspect", "shop", "herring");
    let expires_at = now().now() + 300;
    let active = json!({
        "active": true, "iss": ISSUER, "aud": "shop", "sub": "haddock", "client_id": "shop",
        "exp": expires_at, "iat": expires_at - 600,
    });
    let seen = spans(async |_| {
        for answer in [active.to_string(), json!({ "active": false }).to_string(), String::new()] {
            let issuer = Issuer::opaque(ISSUER, introspection.clone());
            let client = Canned(Mutex::new(answer));
            let builder = Verifier::builder().issuer(issuer).audience("shop").http_client(client);
            let verifier = builder.connect().await.unwrap();
            let _ = verifier.verify("swordfish").await;
        }
    });
    let asked = |result| {
        let introspect = "request > authz::introspection introspect DEBUG";
        [
            "request > authz::token verify DEBUG result=waits".to_owned(),
            format!("{introspect} issuer={ISSUER} result={result}"),
        ]
    };
    assert_eq!(seen, [asked("accepted"), asked("refused"), asked("unavailable")].concat());
}

#[test]
fn the_list_is_whole() {
    let source = include_str!("../../authz-core/src/spans.rs");
    let made: BTreeSet<_> = source.split("_span!(target: ").skip(1).map(quoted).collect();
    let page = include_str!("../../RELIABILITY.md");
    let (_, page) = page.split_once("## What is traced").unwrap();
    let (page, _) = page.split_once("\n## ").unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let listed: BTreeSet<_> = rows
        .map(|row| {
            let mut cells = row.split('|').map(|cell| cell.trim().trim_matches('`'));
            let (name, target) = (cells.nth(1).unwrap(), cells.next().unwrap());
            (target, name)
        })
        .collect();
    assert_eq!(made, listed);
    assert_eq!(made.len(), 6);
}

/// The first two strings in quotes.
fn quoted(text: &str) -> (&str, &str) {
    let mut quoted = text.split('"');
    (quoted.nth(1).unwrap(), quoted.nth(1).unwrap())
}
