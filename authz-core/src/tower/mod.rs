//! A guard in front of any [`tower`] service that answers HTTP requests.
//!
//! For frameworks without a module of their own here.
//! [`Verifier::guard`](crate::token::Verifier::guard) is given the requirement of a function as a
//! type, the one that the attribute makes under the function's own name, and lets only those through
//! who may call that function. The service then calls it with the guard that [`take_guard`] finds in
//! the request.
//!
//! A request is taken in this order: the token is verified, the requirement is checked, and the
//! service inside is called, which may read the body. Who may not pass gets 401 or 403 whatever body
//! is sent, and no byte of it is read.
//!
//! What the compiler can't see here: that every service has a layer. A function that takes its guard
//! can't be called without one all the same, so keep the work in guarded functions.
//!
//! # Examples
//!
//! ```
//! # mod policy {
//! #     use authz_core::{Roles, Scopes};
//! #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
//! #     pub enum Role { Clerk }
//! #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
//! #     pub enum Scope { #[scope("write:orders")] WriteOrders }
//! #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
//! # }
//! use std::convert::Infallible;
//!
//! use authz_core::tower::take_guard;
//! use authz_core::{Guard, requires};
//! use http::{Request, Response, StatusCode};
//! use tower::{Layer, Service, service_fn};
//!
//! #[requires(scope = "write:orders")]
//! fn cancel(guard: Guard<cancel>, order: &str) -> String {
//!     format!("{} cancels {order}", guard.subject())
//! }
//!
//! async fn answer(mut request: Request<()>) -> Result<Response<Vec<u8>>, Infallible> {
//!     let mut response = Response::default();
//!     match take_guard::<cancel>(request.extensions_mut()) {
//!         Some(guard) => *response.body_mut() = cancel(guard, request.uri().path()).into_bytes(),
//!         // Not behind the layer: a fault of the program.
//!         None => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
//!     }
//!     Ok(response)
//! }
//!
//! fn service(
//!     verifier: &policy::Verifier,
//! ) -> impl Service<Request<()>, Response = Response<Vec<u8>>, Error = Infallible> + use<> {
//!     verifier.guard::<cancel>().layer(service_fn(answer))
//! }
//! # fn main() {}
//! ```
//!
//! Pages of the manual show what to do on [`poem`](crate::guide::poem),
//! [`rocket`](crate::guide::rocket), [`salvo`](crate::guide::salvo) and [`warp`](crate::guide::warp).
//!
//! # Requirements
//!
//! A rule is one as a function: `#[requires(rule = Refund)]`. A function with
//! `#[manual(reason = "…")]` lets in whoever is known. So everything that a layer asks for is in the
//! manifest.
//!
//! # Targets
//!
//! A DPoP proof is about the address that the client sent. Below a router of axum, which takes its prefix
//! off, the layer finds that address by itself. Where something else in front changes the target of a
//! request, let it leave an [`OriginalTarget`](crate::http::OriginalTarget), or put the layer around it: what
//! is left of the address is compared otherwise, so that the right proof is refused, and one for another
//! address passes.
//!
//! # Identities
//!
//! An [`Identity`](crate::Identity) in the extensions of a request is taken instead of a token, if the
//! verifier of the layer found it, is [`accepting`](crate::token::Verifier::accepting) the one that did, or
//! an authenticator vouches for it. It has not ended, either.

mod guard;
#[cfg(test)]
mod tests;

pub use guard::{GuardFuture, GuardLayer, GuardService, take_guard};
