//! Guarded apps and extractors for [actix-web](actix_web) 4.
//!
//! [`App`], [`Scope`], [`Resource`] and the functions of [`web`] take the place of actix's. They take
//! handlers that say who may call them, and an app is one of actix only after [`App::secured_by`].
//! Everything else is actix's: extractors, responders, middleware, `HttpServer`.
//!
//! A handler is called in this order: the bearer token is verified, the requirement is checked, then
//! the extractors are made, the one of the body among them, and then the function runs. Who may not
//! call it gets 401 or 403 whatever body is sent, and no byte of it is read. Paths, their order, 404
//! and 405 are as in actix.
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
//! use actix_web::web::Json;
//! use authz_core::actix::{App, web};
//! use authz_core::{Guard, public, requires};
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
//! #[public(reason = "load balancer probe", route = "GET /health")]
//! async fn health() -> &'static str {
//!     "ok"
//! }
//!
//! fn app() -> App<policy::Policy> {
//!     let orders = web::resource("/orders")
//!         .route(web::get().to(list_orders))
//!         .route(web::post().to(place_order));
//!     App::new().service(orders).mount(health)
//! }
//!
//! # fn main() {
//! assert_eq!(app().routes().len(), 3);
//! let made = |verifier: policy::Verifier| app().secured_by(verifier);
//! # let _ = made;
//! # }
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
//! use authz_core::actix::{App, web};
//!
//! async fn list_orders() -> &'static str {
//!     "everybody's orders"
//! }
//!
//! let app: App<policy::Policy> = App::new().route("/orders", web::get().to(list_orders));
//! ```
//!
//! # actix's attribute macros
//!
//! Below the access attribute, `#[get("/orders")]` and its like are read as the declaration of the
//! route: `#[requires(scope = "read:orders")] #[get("/orders")]` says what
//! `#[requires(scope = "read:orders", route = "GET /orders")]` does, and [`App::service`] takes the
//! function. Above it, they make a type of the function that hides who may call it, and an app of
//! this module does not take that.
//!
//! # From axum
//!
//! A handler keeps its attribute, its arguments and its body. [`extract::State`] and
//! [`extract::Path`] are those of axum by name and shape, and actix's `web::Json`, `web::Query` and
//! `web::Form` are as well, so that the imports are what changes.
//!
//! # Middleware
//!
//! [`Resource::wrap`], [`Scope::wrap`], and `wrap` of the app that [`App::secured_by`] gives, take any
//! middleware that actix takes. A middleware runs around the check, so it
//!
//! - can't let anybody pass: the check is inside the route, and an [`Identity`](crate::Identity) in
//!   the extensions, which it accepts instead of a token, is made by the verifier of the app, by one that
//!   this is [`accepting`](crate::token::Verifier::accepting), or vouched for under [`danger`](crate::danger),
//!   and has not ended;
//! - can answer by itself, to anybody, before the check: what it then tells is not guarded;
//! - can read the body before the check, and see and change what a handler answers. It finds a
//!   [`Denied`](crate::Denied) in the extensions of the response;
//! - sees the address before the check does: where `NormalizePath` rewrites it, a DPoP proof has to be
//!   about what it was rewritten to, unless a middleware around that one leaves an
//!   [`OriginalTarget`](crate::http::OriginalTarget) in the extensions of the request.
//!
//! # Certificates of clients
//!
//! For tokens that are bound to a certificate (RFC 8705), `HttpServer::on_connect` puts a
//! [`ClientCertificate`](crate::token::ClientCertificate) into the data of the connection:
//!
//! ```
//! use std::any::Any;
//!
//! use actix_web::dev::Extensions;
//! use authz_core::token::ClientCertificate;
//!
//! /// What the TLS layer of a service has seen.
//! struct Connection {
//!     peer_certificates: Vec<Vec<u8>>,
//! }
//!
//! /// For `HttpServer::on_connect`.
//! fn on_connect(connection: &dyn Any, data: &mut Extensions) {
//!     let connection = connection.downcast_ref::<Connection>();
//!     if let Some(der) = connection.and_then(|it| it.peer_certificates.first()) {
//!         data.insert(ClientCertificate::from_der(der));
//!     }
//! }
//! ```
//!
//! # What differs from the module of axum
//!
//! | axum | here |
//! |---|---|
//! | the state is a part of the router's type | a state that nobody gave is answered by 500, and logged |
//! | `GET` routes answer `HEAD` | `web::head()`, as in actix |
//! | `back_channel_logout(logout)` | [`back_channel_logout(path, logout)`](back_channel_logout), with one `logout` for all workers |

mod answer;
mod app;
pub mod extract;
mod gate;
mod head;
mod logout;
mod metadata;
mod part;
mod protected;
mod resource;
mod response;
mod route;
mod scope;
#[cfg(test)]
mod tests;
pub mod web;

pub use app::App;
pub use gate::Mount;
pub use logout::back_channel_logout;
pub use metadata::protected_resource;
pub use part::Part;
pub use protected::Protected;
pub use resource::Resource;
pub use route::Record;
pub use scope::Scope;
