//! Arguments of handlers: the guard that decides, and two extractors that can be taken apart.
//!
//! [`State`] and [`Path`] are those of axum by name and shape, so that a handler which says
//! `State(shop): State<Shop>` there says it here. actix's own extractors work beside them; absent on
//! purpose are those that would only be renamed.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::HeaderValue;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest, web};
use serde::de::DeserializeOwned;

use super::head::Head;
use crate::audit::{self, Log, Place};
use crate::denied::Denied;
use crate::guard::{Guard, Guarded, Open, OpenToAll};
use crate::identity::Identity;

/// The guard that the gate has left in the request; without a gate, the check itself.
///
/// actix makes the extractors of a handler side by side, so on a route of actix's own the body may
/// be touched before this denies. It does deny: without an [`Identity`] in the extensions of the
/// request, which a middleware would have to put there, with 401.
impl<R: Guarded> FromRequest for Guard<R> {
    type Error = Denied;
    type Future = Ready<Result<Self, Denied>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Taken out: a guard is for one call.
        let made = request.extensions_mut().remove::<Self>();
        ready(made.map_or_else(|| check(request), Ok))
    }
}

/// Checks the identity in the extensions of the request against the requirement of `R`.
pub(super) fn check<R: Guarded>(request: &HttpRequest) -> Result<Guard<R>, Denied> {
    let identity = request.extensions().get::<Identity<R::Policy>>().cloned();
    match identity {
        Some(identity) => identity.into_guard_at(|| place(request)),
        None => Err(refused::<R>(None, request, Denied::no_credentials())),
    }
}

/// The denial of a caller who is not known, once it is in the log.
#[cold]
pub(super) fn refused<R: Guarded>(
    log: Option<&Log>,
    request: &HttpRequest,
    denied: Denied,
) -> Denied {
    audit::unknown::<R>(log, &denied, || place(request));
    denied
}

fn place(request: &HttpRequest) -> Place {
    let traceparent = request.headers().get("traceparent").map(HeaderValue::as_bytes);
    Place::of_parts(request.method().as_str(), request.match_pattern(), traceparent)
}

/// Always there: a public function asks nothing.
impl<R: OpenToAll> FromRequest for Open<R> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::new()))
    }
}

/// The state of the app, from [`App::with_state`](super::App::with_state).
///
/// Each call gets a clone, as in axum. For what is too large to clone, actix's `web::Data` is at
/// hand.
///
/// # Examples
///
/// ```
/// use authz_core::actix::extract::State;
///
/// #[derive(Clone)]
/// struct Shop {
///     name: &'static str,
/// }
///
/// async fn name(State(shop): State<Shop>) -> &'static str {
///     shop.name
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct State<S>(pub S);

impl<S: Clone + 'static> FromRequest for State<S> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.app_data::<Self>().cloned().ok_or_else(no_state::<S>))
    }
}

/// A fault of the program, and none of the caller's.
#[cold]
fn no_state<S>() -> Error {
    let state = std::any::type_name::<S>();
    tracing::error!(target: "authz", state, "the app has no such state; give it with `with_state`");
    ErrorInternalServerError("the service is not set up")
}

/// The captures of the path, in the order in which they stand there or by their names.
///
/// What does not fit is answered as actix's `web::Path` does, by whose configuration it goes.
///
/// # Examples
///
/// ```
/// use authz_core::actix::extract::Path;
///
/// async fn show(Path(id): Path<u64>) -> String {
///     format!("order {id}")
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())))
    }
}

/// The head of a request, or the denial of one that can't be read.
pub(super) fn head_of<R: Guarded>(
    log: Option<&Log>,
    request: &HttpRequest,
) -> Result<Head, Denied> {
    Head::of(request).map_err(|denied| refused::<R>(log, request, denied))
}
