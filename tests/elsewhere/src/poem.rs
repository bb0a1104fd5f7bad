//! poem 3: an extractor that is the proof.

use authz_core::http::RequestHead;
use authz_core::token::Verifier;
use authz_core::{Denied, Guard, Guarded, requires};
use poem::http::StatusCode;
use poem::{Endpoint, EndpointExt as _, Error, FromRequest, Request, RequestBody, Response, Route};

use crate::policy;

/// The first argument of a handler that calls the guarded function `R`.
#[derive(Debug)]
pub struct Caller<R: Guarded>(pub Guard<R>);

/// poem makes the arguments of a handler one after the other: what stands behind this one, the body
/// among it, is made for those who may.
impl<'a, R: Guarded> FromRequest<'a> for Caller<R> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self, Error> {
        let verifier = request.data::<Verifier<R::Policy>>();
        // A fault of the program.
        let verifier = verifier.ok_or(StatusCode::INTERNAL_SERVER_ERROR);
        let verifier = verifier.map_err(Error::from_status)?;
        let head = head(request);
        let identity = verifier.authenticate(RequestHead::of(&head)).await.map_err(answer)?;
        identity.authorize().map(Self).map_err(answer)
    }
}

/// The head of the request in the types of the crate `http`, with the target that the client sent.
fn head(request: &Request) -> http::Request<()> {
    let mut head = http::Request::new(());
    head.method_mut().clone_from(request.method());
    head.uri_mut().clone_from(request.original_uri());
    head.headers_mut().clone_from(request.headers());
    head.extensions_mut().clone_from(request.extensions());
    head
}

/// Status, challenge and problem.
fn answer(denied: Denied) -> Error {
    let (parts, body) = denied.into_http::<poem::Body>().into_parts();
    let mut response = Response::builder().status(parts.status).body(body);
    response.headers_mut().extend(parts.headers);
    Error::from_response(response)
}

/// Takes an order. What has to be guarded stands in a function that can't be called without.
#[requires(scope = "write:orders")]
fn place_order(guard: Guard<place_order>, mut item: String) -> String {
    item.push_str(" for ");
    item.push_str(guard.subject());
    item
}

#[poem::handler]
fn place(Caller(guard): Caller<place_order>, item: String) -> String {
    place_order(guard, item)
}

/// The service, whose extractors find the verifier among its data.
#[must_use]
pub fn service(verifier: policy::Verifier) -> impl Endpoint {
    Route::new().at("/orders", poem::post(place)).data(verifier)
}
