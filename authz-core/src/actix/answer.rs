//! The body of a denial in the words of the application.

use std::fmt;
use std::future::{self, Future, Ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::{Error, HttpRequest, HttpResponse, Responder};
use pin_project_lite::pin_project;

use super::response::fields;
use crate::denied::Denied;
use crate::http::OF_THE_BODY;

/// The application's way to answer a denial, or none: then the problem stays.
#[derive(Clone, Default)]
pub struct Answer(Option<Rc<Words>>);

type Words = dyn Fn(&Denied, &HttpRequest) -> HttpResponse;

impl Answer {
    pub(super) fn new<F, R>(answer: F) -> Self
    where
        F: Fn(&Denied) -> R + 'static,
        R: Responder + 'static,
    {
        let words = move |denied: &Denied, request: &HttpRequest| {
            answer(denied).respond_to(request).map_into_boxed_body()
        };
        Self(Some(Rc::new(words)))
    }

    /// Puts the application's body in the place of ours. Header fields that middleware has set stay
    /// (without those of CORS a browser would not show the answer), unless the application sets them.
    fn apply<B: MessageBody + 'static>(&self, response: ServiceResponse<B>) -> ServiceResponse {
        let response = response.map_into_boxed_body();
        let Some(words) = &self.0 else { return response };
        let Some(denied) = unanswered(&response) else { return response };

        let (request, theirs) = response.into_parts();
        let (head, _) = theirs.into_parts();
        let (answer, body) = words(&denied, &request).into_parts();
        let mut response = head.set_body(body);
        replace_fields(&mut response, &answer, &denied);
        response.extensions_mut().insert(Answered);
        ServiceResponse::new(request, response)
    }
}

/// The denial that a response tells. With another status the application answers something else;
/// and of a scope in an app, the scope has the say.
fn unanswered(response: &ServiceResponse) -> Option<Denied> {
    let extensions = response.response().extensions();
    let denied = extensions.get::<Denied>()?;
    let is_ours = response.status().as_u16() == denied.status().as_u16();
    (is_ours && extensions.get::<Answered>().is_none()).then(|| denied.clone())
}

/// A challenge of the application's own stays; the rest of what an answer has is ours.
fn replace_fields(response: &mut HttpResponse, answer: &HttpResponse<()>, denied: &Denied) {
    let headers = response.headers_mut();
    for name in OF_THE_BODY {
        headers.remove(name);
    }
    for name in answer.headers().keys() {
        headers.remove(name);
    }
    for (name, value) in answer.headers() {
        headers.append(name.clone(), value.clone());
    }
    let has_challenge = answer.headers().contains_key(WWW_AUTHENTICATE);
    for (name, value) in fields(denied) {
        if name != WWW_AUTHENTICATE || !has_challenge {
            headers.insert(name, value);
        }
    }
}

/// Marks a response as being in the application's words.
struct Answered;

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("is_own", &self.0.is_some()).finish()
    }
}

impl<S, B> Transform<S, ServiceRequest> for Answer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = Answering<S>;
    type InitError = ();
    type Future = Ready<Result<Answering<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        future::ready(Ok(Answering { inner, answer: self.clone() }))
    }
}

/// A service whose denials are answered by the application.
#[derive(Debug)]
pub struct Answering<S> {
    inner: S,
    answer: Answer,
}

impl<S, B> Service<ServiceRequest> for Answering<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = AnsweringFuture<S::Future>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        AnsweringFuture { future: self.inner.call(request), answer: self.answer.clone() }
    }
}

pin_project! {
    /// The response to come, with its denial answered.
    pub struct AnsweringFuture<F> {
        #[pin]
        future: F,
        answer: Answer,
    }
}

impl<F, B> Future for AnsweringFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody + 'static,
{
    type Output = Result<ServiceResponse, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.future.poll(context))?;
        Poll::Ready(Ok(this.answer.apply(response)))
    }
}
