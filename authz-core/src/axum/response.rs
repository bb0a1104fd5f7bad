//! A denial as a response, and its body in the words of the application.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::denied::Denied;
use crate::http::OF_THE_BODY;

/// The status, the challenge (RFC 6750, RFC 9449, RFC 9470) and the problem (RFC 9457), not to be cached.
///
/// The denial itself goes into the extensions of the response, where a middleware finds it.
///
/// # Examples
///
/// An error type of the application hands the denial on:
///
/// ```
/// use authz_core::Denied;
/// use axum::http::StatusCode;
/// use axum::response::{IntoResponse, Response};
///
/// enum ShopError {
///     Denied(Denied),
///     OutOfStock,
/// }
///
/// impl From<Denied> for ShopError {
///     fn from(denied: Denied) -> Self {
///         Self::Denied(denied)
///     }
/// }
///
/// impl IntoResponse for ShopError {
///     fn into_response(self) -> Response {
///         match self {
///             Self::Denied(denied) => denied.into_response(),
///             Self::OutOfStock => StatusCode::CONFLICT.into_response(),
///         }
///     }
/// }
/// ```
impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        self.into_http()
    }
}

/// What an answer to a denial has, whoever writes its body. A challenge of the application's own
/// stays.
fn keep_ours(headers: &mut HeaderMap, denied: &Denied) {
    for (name, value) in denied.fields() {
        if name != WWW_AUTHENTICATE || !headers.contains_key(WWW_AUTHENTICATE) {
            headers.insert(name, value);
        }
    }
}

/// The application's way to answer a denial.
#[derive(Clone)]
pub(super) struct Answer(Arc<dyn Fn(&Denied) -> Response + Send + Sync>);

impl Answer {
    pub(super) fn new<F, R>(answer: F) -> Self
    where
        F: Fn(&Denied) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        Self(Arc::new(move |denied| answer(denied).into_response()))
    }

    /// Puts the application's body in the place of ours. Header fields that middleware has set
    /// stay (without those of CORS a browser would not show the answer), unless the application
    /// sets them.
    fn apply(&self, response: Response) -> Response {
        let Some(denied) = response.extensions().get::<Denied>().cloned() else {
            return response;
        };
        // With another status the application answers something else; and of two routers, one
        // in the other, the inner one has the say.
        if response.status() != denied.status() || response.extensions().get::<Answered>().is_some()
        {
            return response;
        }

        let (answer, body) = (self.0)(&denied).into_parts();
        let (mut parts, _) = response.into_parts();
        for name in OF_THE_BODY {
            parts.headers.remove(name);
        }
        parts.headers.extend(answer.headers);
        keep_ours(&mut parts.headers, &denied);
        parts.extensions.extend(answer.extensions);
        parts.extensions.insert(Answered);
        Response::from_parts(parts, body)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

/// Marks a response as being in the application's words.
#[derive(Clone, Copy)]
struct Answered;

impl<Inner> Layer<Inner> for Answer {
    type Service = Answering<Inner>;

    fn layer(&self, inner: Inner) -> Answering<Inner> {
        Answering { inner, answer: self.clone() }
    }
}

/// A service whose denials are answered by the application.
#[derive(Clone, Debug)]
pub(super) struct Answering<Inner> {
    inner: Inner,
    answer: Answer,
}

impl<Inner> Service<Request> for Answering<Inner>
where
    Inner: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = Inner::Error;
    type Future = AnsweringFuture<Inner::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Inner::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        AnsweringFuture { future: self.inner.call(request), answer: self.answer.clone() }
    }
}

pin_project! {
    pub(super) struct AnsweringFuture<F> {
        #[pin]
        future: F,
        answer: Answer,
    }
}

impl<F, E> Future for AnsweringFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.future.poll(context).map_ok(|response| this.answer.apply(response))
    }
}
