//! Guarded services of gRPC, for [tonic] 0.14.
//!
//! An `impl` of a service's trait carries `#[requires(server = OrdersServer)]`, and each of its methods
//! who may call it. [`Routes`] take such services, and are routes of tonic only after
//! [`Routes::secured_by`]. Everything else is tonic's: messages, streams, interceptors, layers,
//! `Server`.
//!
//! A call is taken in this order: the bearer token in the metadata (`authorization`) is verified, the
//! requirement of the method is checked, then messages are read, and then the method runs. Who may not
//! call it gets [`UNAUTHENTICATED`](tonic::Code::Unauthenticated),
//! [`PERMISSION_DENIED`](tonic::Code::PermissionDenied), or
//! [`UNAVAILABLE`](tonic::Code::Unavailable) where nobody can tell, whatever is sent, and no message of
//! it is read. What is
//! lacking stands in the details as a `google.rpc.ErrorInfo`, and as a challenge in the metadata: a
//! [`Denied`](crate::Denied) becomes a [`Status`](tonic::Status) by `From`. [`Routes::on_denied`] adds to
//! it, or says it in words of your own.
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
//! use authz_core::tonic::{RequestExt as _, Routes};
//! use authz_core::{public, requires};
//! use policy::Policy;
//! // What `tonic-prost-build` makes of `orders.proto`.
//! use shop_proto::orders_server::{Orders, OrdersServer};
//! use shop_proto::{Ack, NewOrder, Order, OrderList};
//! use tonic::{Request, Response, Status, Streaming};
//!
//! struct Shop;
//!
//! #[requires(server = OrdersServer)]
//! #[tonic::async_trait]
//! impl Orders for Shop {
//!     #[requires(role = "clerk", scope = "write:orders")]
//!     async fn place_order(&self, request: Request<NewOrder>) -> Result<Response<Order>, Status> {
//!         let taken_by = request.identity::<Policy>()?.subject().to_owned();
//!         let NewOrder { item, quantity } = request.into_inner();
//!         Ok(Response::new(Order { id: 7, item, quantity, taken_by }))
//!     }
//!
//!     type ListOrdersStream = OrderList;
//!
//!     #[requires(scope = "read:orders")]
//!     async fn list_orders(&self, _: Request<Ack>) -> Result<Response<OrderList>, Status> {
//!         Ok(Response::new(OrderList::default()))
//!     }
//!
//!     #[requires(scope = "write:orders")]
//!     async fn import_orders(
//!         &self,
//!         mut request: Request<Streaming<NewOrder>>,
//!     ) -> Result<Response<Ack>, Status> {
//!         while let Some(order) = request.get_mut().message().await? {
//!             println!("{}", order.item);
//!         }
//!         Ok(Response::new(Ack {}))
//!     }
//!
//!     type FollowOrdersStream = OrderList;
//!
//!     #[requires(scope = "read:orders")]
//!     async fn follow_orders(
//!         &self,
//!         _: Request<Streaming<Order>>,
//!     ) -> Result<Response<OrderList>, Status> {
//!         Ok(Response::new(OrderList::default()))
//!     }
//!
//!     #[public(reason = "tells when the shop is open")]
//!     async fn opening_hours(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
//!         Ok(Response::new(Ack {}))
//!     }
//! }
//!
//! fn routes() -> Routes<Policy> {
//!     Routes::new().mount(OrdersServer::new(Shop))
//! }
//!
//! # fn main() {
//! assert_eq!(routes().routes().len(), 5);
//! // For `Server::builder().add_routes(…)`.
//! let made = |verifier: policy::Verifier| routes().secured_by(verifier);
//! # let _ = made;
//! # }
//! ```
//!
//! A service without annotations does not compile there:
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
//! use authz_core::tonic::Routes;
//! use shop_proto::orders_server::{Orders, OrdersServer};
//!
//! fn routes<S: Orders>(shop: S) -> Routes<policy::Policy> {
//!     Routes::new().mount(OrdersServer::new(shop))
//! }
//! ```
//!
//! # Methods
//!
//! The attribute of the `impl` stands above `#[tonic::async_trait]` and may ask for something of every
//! caller: `#[requires(role = "clerk", server = OrdersServer)]`. Its methods then ask for more, or for
//! that alone with `#[requires]`. Where it asks for nothing, methods may be `#[public(reason = "…")]` and
//! `#[manual(reason = "…")]` as functions may. Every method says something, since a caller reaches each
//! of them by its path.
//!
//! The gate finds a method by the last segment of a path, compared with the names of the functions
//! without case and underscores, as generators make these of those. A method whose path is written
//! otherwise than in camel case can say so for listings:
//! `route = "POST /shop.v1.Orders/HTTPGet"`.
//!
//! The manifest and the lock have the path of a method where `route` says it, and nowhere else. The
//! attribute could put the service's name together with that of the function, but not without a guess:
//! `http_get` is what a generator makes of `HTTPGet`, of `HttpGet` and of `Http_Get`, the server matches the
//! one path and tells it to nobody, and what stands in a manifest has to be so. [`Routes::routes`] lists each
//! method with the likely path, and a `route` that belongs to another service or to another method is refused
//! when the routes are built; `testing::assert_manifest` finds one whose method is not mounted. What is not in the `impl`, such as a method with a default,
//! is answered by `UNIMPLEMENTED`, as is what no service has; neither asks who is calling, as an axum
//! router does not where it answers 404.
//!
//! The check stands inside the method as well, so that nobody calls it around the gate: a method that
//! is called with a request of another origin answers `UNAUTHENTICATED`. [`RequestExt::identity`]
//! tells a method who is calling; a function that takes a [`Guard`](crate::Guard) is called with what
//! [`Identity::authorize`](crate::Identity::authorize) gives, whose `?` makes a [`Status`](tonic::Status)
//! of the denial. Such a function is also where a [`Sealed`](crate::Sealed) object is opened, since a
//! method has no guard; what is [`Hidden`](crate::object::Hidden) becomes `NOT_FOUND`.
//!
//! # Streams
//!
//! A call is judged once, when it begins: a stream goes on when the token expires or is revoked while
//! it runs. Where that matters, end the stream at
//! [`Identity::expires_at`](crate::Identity::expires_at).
//!
//! # Health and reflection
//!
//! The services of `tonic-health` and `tonic-reflection` carry no annotations. They go in by
//! [`Routes::public_service`], with the reason why anybody may call them: reflection tells the whole
//! `.proto`.
//!
//! # Interceptors and layers
//!
//! An [interceptor](tonic::service::Interceptor) or a
//! [layer](tonic::service::LayerExt::named_layer) around a service that is mounted runs behind the
//! gate, and finds the [`Identity`](crate::Identity) in the extensions. What is around `Server`, by its
//! `layer`, runs before the gate. It can't let anybody pass: the gate takes an identity of its own verifier,
//! of one that this is [`accepting`](crate::token::Verifier::accepting), or one that is vouched for under
//! [`danger`](crate::danger). A DPoP proof is about the path that the client sent, also where the routes are
//! nested in a router of axum.
//!
//! # Certificates of clients
//!
//! For tokens that are bound to a certificate (RFC 8705), an interceptor around `Server` puts a
//! [`ClientCertificate`](crate::token::ClientCertificate) into the extensions:
//!
//! ```
//! use authz_core::token::ClientCertificate;
//! use tonic::service::InterceptorLayer;
//! use tonic::{Request, Status};
//!
//! /// What the TLS layer of a service has seen: `Request::peer_certs` with tonic's own.
//! fn peer_certificate(request: &Request<()>) -> Option<Vec<u8>> {
//!     request.extensions().get::<Vec<u8>>().cloned()
//! }
//!
//! fn certificate(mut request: Request<()>) -> Result<Request<()>, Status> {
//!     if let Some(der) = peer_certificate(&request) {
//!         request.extensions_mut().insert(ClientCertificate::from_der(&der));
//!     }
//!     Ok(request)
//! }
//!
//! // For `Server::builder().layer(…)`.
//! let layer = InterceptorLayer::new(certificate);
//! ```

mod answer;
mod gate;
mod methods;
mod protected;
mod record;
mod request;
mod routes;
mod status;
#[cfg(test)]
mod tests;

pub use protected::Protected;
pub use record::Record;
pub use request::RequestExt;
pub use routes::Routes;
pub use status::ERROR_DOMAIN;

/// What generated code names.
#[doc(hidden)]
pub mod generated {
    pub use super::methods::Methods;
    pub use super::request::check;

    /// A server that takes calls.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not what tonic makes of this service",
        label = "serves another trait than the one that is implemented here",
        note = "`server` names the server that stands beside the trait: `orders_server::OrdersServer` for \
                `orders_server::Orders`"
    )]
    pub trait Serves {}

    #[diagnostic::do_not_recommend]
    impl<S: tower::Service<http::Request<tonic::body::Body>>> Serves for S {}

    /// Shows, of a server with a parameter, that it takes every implementation of a trait.
    pub fn serves<S: Serves>() {}
}
