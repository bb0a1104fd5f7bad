//! How routes begin: `web::get().to(list_orders)`, as in [`actix_web::web`].
//!
//! A route is one only when it has a handler: [`to`](RouteBuilder::to) turns the one into the other.
//! Absent on purpose: `service`, which takes what says nothing about who may call it.

use std::fmt;

use actix_web::http::Method;

use super::gate::Mount;
use super::protected::Protected;
use super::resource::Resource;
use super::route::Record;
use super::scope::Scope;
use crate::access::function_of;
use crate::http::Slot;
use crate::policy::Policy;

/// A route without a handler yet.
#[must_use = "a route answers nothing until `to` gives it a handler"]
pub struct RouteBuilder {
    inner: actix_web::Route,
    methods: Vec<Method>,
}

impl RouteBuilder {
    fn of(method: Method) -> Self {
        Self { inner: actix_web::web::method(method.clone()), methods: vec![method] }
    }

    /// Asks for something else of the head of a request, beside method and path.
    ///
    /// This chooses between routes, before it is known who is asking. It is no guard of this crate:
    /// where none of the routes is chosen, the answer is 404 or 405 for everybody.
    pub fn guard(mut self, guard: impl actix_web::guard::Guard + 'static) -> Self {
        self.inner = self.inner.guard(guard);
        self
    }

    /// The route with its handler, which is annotated.
    #[track_caller]
    pub fn to<H, T>(self, handler: H) -> Route<H::Policy>
    where
        H: Protected<T>,
        H::Access: Mount<H, T>,
    {
        let slot = Slot::new();
        let record = Record::of(self.methods, function_of::<H, H::Access>());
        Route { inner: H::Access::mount(self.inner, handler, &slot), record, slot }
    }
}

impl fmt::Debug for RouteBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteBuilder").field("methods", &self.methods).finish_non_exhaustive()
    }
}

/// A route with its handler, for [`App::route`](super::App::route) and its like.
///
/// As [`actix_web::Route`], with a handler that says who may call it.
#[must_use = "a route serves nothing until it is in an app"]
pub struct Route<P: Policy> {
    pub(super) inner: actix_web::Route,
    pub(super) record: Record,
    pub(super) slot: Slot<P>,
}

impl<P: Policy> fmt::Debug for Route<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("record", &self.record).finish_non_exhaustive()
    }
}

/// A route for `GET` requests.
pub fn get() -> RouteBuilder {
    RouteBuilder::of(Method::GET)
}

/// A route for `POST` requests.
pub fn post() -> RouteBuilder {
    RouteBuilder::of(Method::POST)
}

/// A route for `PUT` requests.
pub fn put() -> RouteBuilder {
    RouteBuilder::of(Method::PUT)
}

/// A route for `PATCH` requests.
pub fn patch() -> RouteBuilder {
    RouteBuilder::of(Method::PATCH)
}

/// A route for `DELETE` requests.
pub fn delete() -> RouteBuilder {
    RouteBuilder::of(Method::DELETE)
}

/// A route for `HEAD` requests. actix does not answer them by a route for `GET`.
pub fn head() -> RouteBuilder {
    RouteBuilder::of(Method::HEAD)
}

/// A route for `TRACE` requests.
pub fn trace() -> RouteBuilder {
    RouteBuilder::of(Method::TRACE)
}

/// A route for requests of this method.
pub fn method(method: Method) -> RouteBuilder {
    RouteBuilder::of(method)
}

/// A route for requests of any method.
pub fn route() -> RouteBuilder {
    RouteBuilder { inner: actix_web::web::route(), methods: Vec::new() }
}

/// A route for requests of any method, with its handler.
#[track_caller]
pub fn to<H, T>(handler: H) -> Route<H::Policy>
where
    H: Protected<T>,
    H::Access: Mount<H, T>,
{
    route().to(handler)
}

/// What answers at one path.
pub fn resource<P: Policy>(path: &str) -> Resource<P> {
    Resource::new(path)
}

/// What answers under one prefix.
pub fn scope<P: Policy>(prefix: &str) -> Scope<P> {
    Scope::new(prefix)
}
