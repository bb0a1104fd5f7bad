//! The same calls on each framework; and the pages of the manual.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use authz_core::testing::{Clock, TestIssuer};
use poem::Endpoint as _;
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::Client;
use tokio::io::{AsyncRead, ReadBuf};

use crate::policy::Verifier;
use crate::{poem as on_poem, rocket as on_rocket};

const CHALLENGE: &str = r#"Bearer error="insufficient_scope", error_description="the access token does not allow this", scope="write:orders""#;

struct Party {
    issuer: TestIssuer,
    clock: Clock,
}

impl Party {
    fn new() -> Self {
        let issuer = TestIssuer::new("https://issuer.test");
        Self { issuer, clock: Clock::at(1_800_000_000) }
    }

    fn verifier(&self) -> Verifier {
        let verifier = Verifier::builder().issuer(self.issuer.trusted()).audience("shop");
        verifier.realm("shop").clock(&self.clock).build().unwrap()
    }

    fn bearer(&self, scope: &str) -> String {
        let token = self.issuer.token(&self.clock, "shop").subject("ann").scope(scope);
        format!("Bearer {}", token.sign())
    }
}

/// A body that notes that somebody read it.
struct Watched(Arc<AtomicBool>);

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if !self.0.swap(true, Ordering::Relaxed) {
            buffer.put_slice(b"ink");
        }
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn poem_refuses_before_the_body_is_read_and_calls_who_may() {
    let party = Party::new();
    let service = on_poem::service(party.verifier());
    for (authorization, status, challenge) in [
        (None, 401, Some(r#"Bearer realm="shop""#)),
        (Some(party.bearer("read:orders")), 403, Some(CHALLENGE)),
        (Some(party.bearer("write:orders")), 200, None),
    ] {
        let read = Arc::new(AtomicBool::new(false));
        let body = poem::Body::from_async_read(Watched(Arc::clone(&read)));
        let mut request = poem::Request::builder().method(http::Method::POST).uri_str("/orders");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let response = service.get_response(request.body(body)).await;
        assert_eq!(response.status().as_u16(), status);
        let found = response.headers().get("www-authenticate").map(|it| it.to_str().unwrap());
        assert_eq!(found, challenge);
        assert_eq!(read.load(Ordering::Relaxed), status == 200);
        let kind = response.content_type().unwrap_or_default().to_owned();
        assert_eq!(kind == "application/problem+json", status != 200, "{kind}");
        if status == 200 {
            assert_eq!(response.into_body().into_string().await.unwrap(), "ink for ann");
        }
    }
}

#[tokio::test]
async fn rocket_refuses_with_challenge_and_problem_and_calls_who_may() {
    let party = Party::new();
    let client = Client::untracked(on_rocket::service(party.verifier())).await.unwrap();
    for (authorization, status, challenge) in [
        (None, 401, Some(r#"Bearer realm="shop""#)),
        (Some(party.bearer("read:orders")), 403, Some(CHALLENGE)),
        (Some(party.bearer("write:orders")), 200, None),
    ] {
        let mut request = client.post("/orders").body("ink");
        if let Some(authorization) = authorization {
            request = request.header(Header::new("authorization", authorization));
        }
        let response = request.dispatch().await;
        assert_eq!(response.status(), Status::new(status));
        assert_eq!(response.headers().get_one("www-authenticate"), challenge);
        let problem = ContentType::new("application", "problem+json");
        assert_eq!(response.content_type() == Some(problem), status != 200);
        let body = response.into_string().await.unwrap();
        if status == 200 {
            assert_eq!(body, "ink for ann");
        } else {
            assert!(body.starts_with(r#"{"type":"urn:authz:problem:"#), "{body}");
        }
    }
}

/// What the manual shows is what is compiled here.
#[test]
fn the_pages_of_the_manual_show_this_source() {
    for (page, source) in [
        (include_str!("../../../authz-core/src/docs/poem.md"), include_str!("poem.rs")),
        (include_str!("../../../authz-core/src/docs/rocket.md"), include_str!("rocket.rs")),
    ] {
        let mut blocks = page.split("```rust,ignore\n").skip(1).peekable();
        assert!(blocks.peek().is_some(), "a page without code");
        for block in blocks {
            let code = block.split("```").next().unwrap();
            assert!(source.contains(code), "not in the source:\n{code}");
        }
    }
}
