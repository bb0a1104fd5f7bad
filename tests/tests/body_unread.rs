//! Who may not call a handler doesn't get to have its body read: the guard answers first.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something else than it expects has failed"
)]

mod support;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use authz_core::axum::Router;
use authz_core::axum::routing::post;
use authz_core::requires;
use authz_core::testing::{Clock, TestIssuer};
use authz_tests::policy::{self, Verifier};
use axum::Json;
use axum::body::{Body, Bytes};
use http::{Request, StatusCode};
use http_body::Frame;
use serde::Deserialize;
use support::Answer;
use tower::ServiceExt as _;

#[derive(Deserialize)]
struct NewOrder {
    item: String,
}

#[requires(scope = "write:orders")]
async fn place(Json(order): Json<NewOrder>) -> String {
    order.item
}

#[requires(scope = "write:orders")]
async fn upload(body: Bytes) -> String {
    body.len().to_string()
}

/// What a body does when somebody reads it.
#[derive(Clone, Copy, Debug)]
enum Content {
    Text(&'static [u8]),
    Endless,
    Panicking,
    Stalled,
}

/// A body that counts how often it is asked for bytes.
struct Counted {
    content: Content,
    polls: Arc<AtomicUsize>,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let before = this.polls.fetch_add(1, Ordering::Relaxed);
        let frame = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        match this.content {
            Content::Text(text) if before == 0 => frame(Bytes::from_static(text)),
            Content::Text(_) => Poll::Ready(None),
            Content::Endless => frame(Bytes::from_static(&[b' '; 4096])),
            Content::Panicking => panic!("the body was read"),
            Content::Stalled => Poll::Pending,
        }
    }
}

const CONTENTS: [Content; 6] = [
    Content::Text(b"{"),
    Content::Text(b"\xff\xfe"),
    Content::Text(b""),
    Content::Endless,
    Content::Panicking,
    Content::Stalled,
];

struct Service {
    app: axum::Router,
    issuer: TestIssuer,
    clock: Clock,
}

impl Service {
    fn new() -> Self {
        let (issuer, clock) = (TestIssuer::new("https://issuer.test"), Clock::at(1_800_000_000));
        let verifier = Verifier::builder()
            .issuer(issuer.trusted())
            .audience("shop")
            .clock(&clock)
            .build()
            .unwrap();
        let app = Router::new()
            .route("/place", post(place))
            .route("/upload", post(upload))
            .secured_by(verifier);
        Self { app, issuer, clock }
    }

    fn token(&self, scope: &str) -> String {
        self.issuer.token(&self.clock, "shop").scope(scope).sign()
    }

    /// The answer, and how often the body was asked for bytes.
    async fn call(&self, uri: &str, token: Option<&str>, content: Content) -> (Answer, usize) {
        let polls = Arc::new(AtomicUsize::new(0));
        let body = Body::new(Counted { content, polls: Arc::clone(&polls) });
        let mut request = Request::post(uri).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let answer = Answer::of(response).await;
        (answer, polls.load(Ordering::Relaxed))
    }
}

#[tokio::test]
async fn no_byte_is_read_from_a_caller_without_the_scope() {
    let service = Service::new();
    let token = service.token("read:orders");
    for uri in ["/place", "/upload"] {
        for content in CONTENTS {
            let (answer, polls) = service.call(uri, Some(&token), content).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{uri}, {content:?}");
            assert_eq!(polls, 0, "{uri}, {content:?}");
        }
    }
}

#[tokio::test]
async fn no_byte_is_read_from_a_caller_without_a_valid_token() {
    let service = Service::new();
    for uri in ["/place", "/upload"] {
        for content in CONTENTS {
            for (token, status) in [(None, 401), (Some("a.b.c"), 401), (Some("a b"), 400)] {
                let (answer, polls) = service.call(uri, token, content).await;
                assert_eq!(answer.status.as_u16(), status, "{uri}, {content:?}, {token:?}");
                assert_eq!(polls, 0, "{uri}, {content:?}, {token:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_right_caller_is_told_what_is_wrong_with_the_body() {
    let service = Service::new();
    let token = service.token("write:orders");
    for (uri, text, status, body) in [
        ("/place", &b"{"[..], 400, None),
        ("/place", b"\xff\xfe", 400, None),
        ("/place", b"", 400, None),
        ("/place", b"[]", 422, None),
        ("/place", br#"{"items":1}"#, 422, None),
        ("/place", br#"{"item":"ink"}"#, 200, Some("ink")),
        ("/upload", b"\xff\xfe", 200, Some("2")),
    ] {
        let (answer, polls) = service.call(uri, Some(&token), Content::Text(text)).await;
        assert_eq!(answer.status.as_u16(), status, "{uri}, {text:?}: {answer:?}");
        assert!(polls > 0, "{uri}, {text:?}");
        if let Some(body) = body {
            assert_eq!(answer.body, body, "{uri}, {text:?}");
        }
    }
    let (answer, _) = service.call("/upload", Some(&token), Content::Endless).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
