//! The matrix of a guarded app of actix-web: its routes as endpoints, and requests without a socket.

use std::cell::{OnceCell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::dev::{self, Service as _};
use actix_web::error::PayloadError;
use actix_web::test::{TestRequest, init_service};
use actix_web::{HttpMessage as _, HttpResponse};
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, request};

use super::endpoint::free_method;
use super::run::Answering;
use super::{DenialMatrix, Endpoint, Payload};
use crate::actix::{App, Record};
use crate::manifest::Function;
use crate::policy::Policy;
use crate::token::ClientCertificate;

/// A request of actix, whose type has no name here.
macro_rules! incoming {
    ($request:expr) => {{
        let (parts, body) = Request::<Payload>::into_parts($request);
        let request = head(&parts).to_request();
        if let Some(certificate) = parts.extensions.get::<ClientCertificate>() {
            request.extensions_mut().insert(*certificate);
        }
        let payload: dev::Payload = dev::Payload::Stream { payload: Box::pin(Incoming(body)) };
        request.replace_payload(payload).0
    }};
}

fn head(parts: &request::Parts) -> TestRequest {
    let method = actix_web::http::Method::from_bytes(parts.method.as_str().as_bytes());
    let request = TestRequest::with_uri(&parts.uri.to_string()).method(method.unwrap_or_default());
    parts.headers.iter().fold(request, |request, (name, value)| {
        request.append_header((name.as_str(), value.as_bytes()))
    })
}

/// What answers requests, once the app has been started.
type Started = Rc<dyn Fn(Request<Payload>) -> Answering>;

/// The matrix of an app before it has a verifier: it gets that of a test issuer.
impl<P: Policy> From<App<P>> for DenialMatrix<P> {
    fn from(app: App<P>) -> Self {
        let records = app.routes();
        let endpoints = records.iter().flat_map(|record| endpoints(record, records)).collect();
        let services = records.iter().filter(|record| record.function().is_none());
        let mut services: Vec<_> = services.map(ToString::to_string).collect();
        services.sort();
        let secure = |verifier| {
            let secured = Rc::new(RefCell::new(Some(app.secured_by(verifier))));
            let started = Rc::new(OnceCell::<Started>::new());
            move |request| {
                let (secured, started) = (Rc::clone(&secured), Rc::clone(&started));
                async move {
                    // Requests come one after the other, so the first finds it alone.
                    if let Some(app) = secured.take() {
                        let service = init_service(app).await;
                        let call = move |request| {
                            let answer = service.call(incoming!(request));
                            Box::pin(async move {
                                match answer.await {
                                    Ok(answer) => outgoing(answer.response()),
                                    Err(error) => outgoing(&error.error_response()),
                                }
                            }) as Answering
                        };
                        let _ = started.set(Rc::new(call));
                    }
                    match started.get().cloned() {
                        Some(call) => call(request).await,
                        None => panic!("the app could not be started"),
                    }
                }
            }
        };
        Self { services, ..Self::of(endpoints, secure) }
    }
}

/// One for each method.
fn endpoints(record: &Record, records: &[Record]) -> Vec<Endpoint> {
    let Some(function) = record.function() else { return Vec::new() };
    let of = |method| Endpoint::new(Function::from(function), method, record.path());
    if record.is_fallback() {
        let nowhere = format!("{}/{}", record.path(), super::endpoint::NOWHERE);
        return vec![of(Method::GET).left_over("(fallback)", Method::GET, nowhere)];
    }
    if record.methods().is_empty() {
        let beside = records.iter().filter(|other| other.path() == record.path());
        let free = free_method(&beside.flat_map(methods).collect::<Vec<_>>());
        return vec![of(free.clone()).left_over("*", free, record.path().to_owned())];
    }
    methods(record).map(of).collect()
}

/// actix has those of an older version of the crate `http`.
fn methods(record: &Record) -> impl Iterator<Item = Method> {
    let methods = record.methods().iter();
    methods.filter_map(|method| Method::from_bytes(method.as_str().as_bytes()).ok())
}

/// The head of an answer.
fn outgoing<B>(answer: &HttpResponse<B>) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() =
        StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().extend(answer.headers().iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    }));
    response
}

/// The body as actix reads it.
struct Incoming(Payload);

impl Stream for Incoming {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.get_mut().0.next().map(Ok))
    }
}
