//! tonic: the handlers of the list as methods of a gRPC service, and what a call and an answer over
//! HTTP are there.
//!
//! The body of a call is what the adapter puts into messages, so that it notes who reads it; a status
//! is translated by its code, and by the reason in its details where HTTP has more words.

use std::pin::Pin;
use std::task::{Context, Poll};

use authz_core::tonic::{ERROR_DOMAIN, RequestExt as _, Routes};
use authz_core::{manual, public, requires};
use authz_tests::policy::{Identity, Verifier};
use bytes::{BufMut as _, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::BodyExt as _;
use prost::Message as _;
use shop_proto::desk_server::{Desk, DeskServer};
use shop_proto::{Messages, Note};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use crate::body::Watched;
use crate::cases::Handler;
use crate::party::{PREFIX, Target};
use crate::suite::{self, Answer, Call, Framework, Journal};

struct Counter(Journal);

impl Counter {
    fn ran<T>(&self, handler: &'static str, request: &Request<T>) -> Result<String, Status> {
        let caller: &Identity = request.identity()?;
        Ok(self.0.ran(handler, Some(caller)))
    }
}

fn note(text: String) -> Response<Note> {
    Response::new(Note { text })
}

#[requires(server = DeskServer)]
#[tonic::async_trait]
impl Desk for Counter {
    type ListStream = Messages<Note>;

    #[requires(scope = "read:orders")]
    async fn list(
        &self,
        request: Request<Streaming<Note>>,
    ) -> Result<Response<Messages<Note>>, Status> {
        let text = self.ran("list", &request)?;
        Ok(Response::new(Messages::from(vec![Note { text }])))
    }

    #[requires(scope = "write:orders")]
    async fn place(&self, request: Request<Note>) -> Result<Response<Note>, Status> {
        let ran = self.ran("place", &request)?;
        Ok(note(format!("{ran}: {}", request.into_inner().text)))
    }

    #[requires(role = "manager", scope = "write:orders", mfa, max_age = "5m")]
    async fn refund(
        &self,
        mut request: Request<Streaming<Note>>,
    ) -> Result<Response<Note>, Status> {
        let ran = self.ran("refund", &request)?;
        let mut body = String::new();
        while let Some(piece) = request.get_mut().message().await? {
            body.push_str(&piece.text);
        }
        Ok(note(format!("{ran}: {body}")))
    }

    #[requires(scope = "read:orders", bound)]
    async fn vault(&self, request: Request<Streaming<Note>>) -> Result<Response<Note>, Status> {
        self.ran("vault", &request).map(note)
    }

    #[manual(reason = "tells callers who they are")]
    async fn me(&self, request: Request<Streaming<Note>>) -> Result<Response<Note>, Status> {
        self.ran("me", &request).map(note)
    }

    #[public(reason = "load balancer probe")]
    async fn health(&self, _: Request<Streaming<Note>>) -> Result<Response<Note>, Status> {
        Ok(note(self.0.ran("health", None)))
    }
}

/// The routes, and once more below a prefix.
struct Tonic(axum::Router);

impl Framework for Tonic {
    const MODULE: &'static str = module_path!();

    async fn start(verifier: Verifier, journal: Journal) -> Self {
        let routes = Routes::new().mount(DeskServer::new(Counter(journal)));
        let routes = routes.secured_by(verifier).prepare().into_axum_router();
        Self(routes.clone().nest(PREFIX, routes))
    }

    fn target(handler: Handler) -> Target {
        let path = match handler {
            Handler::Nested => format!("{PREFIX}{}", Self::target(Handler::Vault).path),
            _ => format!("/shop.v1.Desk/{handler:?}"),
        };
        Target { method: "POST", path }
    }

    /// The method of a call, wherever its service is.
    fn route(handler: Handler) -> Option<String> {
        let handler = if handler == Handler::Nested { Handler::Vault } else { handler };
        Some(Self::target(handler).path)
    }

    async fn call(&self, call: Call) -> Answer {
        let mut request =
            http::Request::builder().method(call.target.method).uri(&call.target.path);
        for (name, value) in &call.fields {
            request = request.header(*name, value);
        }
        if let Some(certificate) = call.certificate {
            request = request.extension(certificate);
        }
        if let Some(identity) = call.identity {
            request = request.extension(identity);
        }
        let request = request.body(axum::body::Body::new(Sent(call.body))).unwrap();
        let (parts, body) = self.0.clone().oneshot(request).await.unwrap().into_parts();
        assert_eq!(parts.status, 200, "HTTP's own status says nothing about a call");
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        let status = Status::from_header_map(&parts.headers)
            .or_else(|| Status::from_header_map(&trailers))
            .unwrap();
        translated(&status, &parts.headers, &body.to_bytes())
    }
}

/// The body of a call, each piece of it in a message.
struct Sent(Watched);

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.get_mut().0.next().map(|piece| piece.map(|piece| Ok(Frame::data(framed(&piece)))))
    }
}

fn framed(piece: &[u8]) -> Bytes {
    let message = Note { text: String::from_utf8_lossy(piece).into_owned() }.encode_to_vec();
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).unwrap());
    frame.put_slice(&message);
    frame.freeze()
}

/// An answer in HTTP's terms.
fn translated(status: &Status, headers: &HeaderMap, body: &[u8]) -> Answer {
    let kind = status.get_details_error_info().map(|info| {
        assert_eq!(info.domain, ERROR_DOMAIN);
        info.reason.replace('_', "-").to_lowercase()
    });
    let http = match (status.code(), kind.as_deref()) {
        (Code::Ok, _) => 200,
        (Code::Unauthenticated, Some("invalid-request")) => 400,
        (Code::Unauthenticated, _) => 401,
        (Code::PermissionDenied, _) => 403,
        (Code::ResourceExhausted, _) => 429,
        (Code::Unimplemented, _) => 404,
        (Code::Unavailable, _) => 503,
        (code, _) => panic!("{code:?}: {status:?}"),
    };
    let one = |name: &str| {
        let values: Vec<_> = headers.get_all(name).iter().collect();
        assert!(values.len() <= 1, "`{name}` stands there {} times", values.len());
        values.first().map(|value| value.to_str().unwrap().to_owned())
    };
    let told = status.get_details_retry_info().and_then(|info| info.retry_delay);
    let wait = one("retry-after").map(|wait| wait.parse().unwrap());
    assert_eq!(told.map(|wait| wait.as_secs()), wait, "details and metadata");
    assert_eq!(wait.is_some(), http == 429, "`retry-after` is {wait:?}");
    let (challenge, nonce) = (one("www-authenticate"), one("dpop-nonce"));
    let text = body.get(5..).map(|message| Note::decode(message).unwrap().text);
    Answer { status: http, kind, challenge, nonce, text: text.unwrap_or_default() }
}

#[tokio::test]
async fn every_case() {
    suite::run::<Tonic>().await;
}
