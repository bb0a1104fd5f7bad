//! Guarded routers and extractors for [axum] 0.8.
//!
//! [`Router`] and the functions of [`routing`] take the place of axum's. They take handlers that say
//! who may call them, and the router serves only after [`Router::secured_by`]. Everything else is
//! axum's: extractors, responses, middleware, `serve`.
//!
//! A handler is called in this order: the bearer token is verified, the guard checks the
//! requirement, the other extractors run, and the body of the request last. Who may not call it gets
//! 401 or 403 whatever body is sent, and no byte of it is read. Paths, `HEAD` on `GET` routes, 404
//! and 405 are as in axum.
//!
//! # Examples
//!
//! ```
//! # mod policy {
//! #     use authz_core::{Roles, Scopes};
//! #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
//! #     pub enum Role { Clerk }
//! #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
//! #     pub enum Scope {
//! #         #[scope("read:orders")]
//! #         ReadOrders,
//! #         #[scope("write:orders")]
//! #         WriteOrders,
//! #     }
//! #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
//! # }
//! use authz_core::axum::Router;
//! use authz_core::axum::routing::get;
//! use authz_core::{Guard, public, requires};
//! use axum::Json;
//!
//! #[requires(scope = "read:orders")]
//! async fn list_orders(guard: Guard<list_orders>) -> String {
//!     format!("the orders of {}", guard.subject())
//! }
//!
//! #[requires(scope = "write:orders")]
//! async fn place_order(Json(order): Json<u32>) -> String {
//!     format!("order {order}")
//! }
//!
//! #[public(reason = "load balancer probe")]
//! async fn health() -> &'static str {
//!     "ok"
//! }
//!
//! fn app(verifier: policy::Verifier) -> axum::Router {
//!     let router = Router::new()
//!         .route("/orders", get(list_orders).post(place_order))
//!         .route("/health", get(health));
//!     assert_eq!(router.routes().len(), 3);
//!     router.secured_by(verifier)
//! }
//! # fn main() {}
//! ```
//!
//! A handler without an annotation does not compile:
//!
//! ```compile_fail,E0277
//! # mod policy {
//! #     use authz_core::{Roles, Scopes};
//! #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
//! #     pub enum Role { Clerk }
//! #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
//! #     pub enum Scope { #[scope("read:orders")] ReadOrders }
//! #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
//! # }
//! use authz_core::axum::Router;
//! use authz_core::axum::routing::get;
//!
//! async fn list_orders() -> &'static str {
//!     "everybody's orders"
//! }
//!
//! let router: Router<policy::Policy> = Router::new().route("/orders", get(list_orders));
//! ```
//!
//! # Middleware
//!
//! [`Router::layer`], [`Router::route_layer`] and their like on [`routing::MethodRouter`] take any
//! middleware that axum takes. A middleware runs around the check, so it
//!
//! - can't let anybody pass: the guard is inside the handler, and an [`Identity`](crate::Identity) in
//!   the extensions, which it accepts instead of a token, is made by the verifier of the router, by one that
//!   this is [`accepting`](crate::token::Verifier::accepting), or vouched for under [`danger`](crate::danger),
//!   and has not ended;
//! - can answer by itself, to anybody, before the check: what it then tells is not guarded (a cache
//!   in front of the check hands one caller's answer to the next);
//! - can read the body before the check, and see and change what a handler answers;
//! - can put an identity into the extensions that it got from
//!   [`Verifier::authenticate`](crate::token::Verifier::authenticate), for services that look for it
//!   or for another way to authenticate. What a verifier with other issuers found is nobody to the check,
//!   which then looks at the credentials itself, unless the verifier of the router is
//!   [`accepting`](crate::token::Verifier::accepting) that one.
//!
//! A middleware for those who may pass only is a guarded handler's business: take the guard and
//! decide there.
//!
//! # Own answers
//!
//! A denial is a response with status, challenge and problem body. [`Router::on_denied`] gives it
//! another body. An error type of a handler hands it on with `denied.into_response()`; the example
//! is at [`Denied`](crate::Denied). A middleware finds the `Denied` in the extensions of the response.
//!
//! # What axum has and this module has not
//!
//! On the router:
//!
//! | axum's `Router` | here |
//! |---|---|
//! | `route_service` | [`public_service`](Router::public_service), with a reason; or a guarded handler that calls the service |
//! | `nest_service` | [`nest_public_service`](Router::nest_public_service), with a reason |
//! | `fallback_service` | [`fallback_public_service`](Router::fallback_public_service), with a reason |
//! | `merge` of anything `Into<Router>` | [`merge`](Router::merge) of a router of this module: records and guards come along |
//! | `has_routes` | `!routes().is_empty()`: [`routes`](Router::routes) |
//! | `into_make_service`, `into_make_service_with_connect_info`, `as_service`, `into_service`, `Service` | after [`secured_by`](Router::secured_by) |
//! | `without_v07_checks` | not there: write captures as `{name}` |
//! | `Clone` | not there: a clone could be given another verifier. Clone after `secured_by`, or call the function that builds it twice |
//!
//! On the method router, and in [`routing`]:
//!
//! | axum's `routing` | here |
//! |---|---|
//! | `get_service`, `on_service`, `any_service`, …, `fallback_service` | [`Router::public_service`]; a service asks no method |
//! | `MethodRouter<S, E>`, `handle_error` | layers have to be infallible: put `HandleErrorLayer` around one that is not, in the same `ServiceBuilder` |
//! | `into_make_service`, `into_make_service_with_connect_info`, `Service` | put it in a [`Router`], then `secured_by` |
//! | `Clone` | not there, as on the router |
//!
//! On handlers:
//!
//! | axum's `Handler` | here |
//! |---|---|
//! | `Handler::layer` | [`routing::MethodRouter::layer`]: what it returns is no annotated function |
//! | `Handler::with_state`, `into_service`, `into_make_service` | put it in a [`Router`] |
//! | closures, and responses as handlers | a function with an attribute |
//! | `Guard` behind other extractors | the guard is the first argument |

mod extract;
mod gate;
mod logout;
mod protected;
mod resource;
mod response;
mod route;
mod router;
pub mod routing;
#[cfg(test)]
mod tests;

pub use gate::Mount;
pub use logout::back_channel_logout;
pub use protected::Protected;
pub use resource::protected_resource;
pub use route::{Methods, Route};
pub use router::Router;
