//! Handlers of one path by method: `get(list).post(place)`, as in [`axum::routing`].
//!
//! Absent on purpose: the functions that take a service. A service says nothing about who may call
//! it; [`Router::public_service`](super::Router::public_service) asks for the reason.

use std::convert::Infallible;
use std::fmt;

use axum::extract::Request;
use axum::response::IntoResponse;
use tower::{Layer, Service};

use super::gate::Mount;
use super::protected::Protected;
use super::route::{Methods, Route};
use crate::access::function_of;
use crate::http::Slot;
use crate::policy::Policy;

pub use axum::routing::MethodFilter;

/// The handlers of one path by method, all of them annotated.
///
/// As [`axum::routing::MethodRouter`], with these differences: handlers are [`Protected`], services
/// are not taken, layers are infallible, and it is not `Clone`, because a route gets its verifier
/// from the one router it is in.
#[must_use]
pub struct MethodRouter<S, P: Policy> {
    pub(super) inner: axum::routing::MethodRouter<S>,
    pub(super) routes: Vec<Route>,
    pub(super) slots: Vec<Slot<P>>,
}

// Written out, and not by a macro: a compile error about a bound shows the source here.

/// Routes `CONNECT` requests to `handler`.
#[track_caller]
pub fn connect<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::CONNECT, handler)
}

/// Routes `DELETE` requests to `handler`.
#[track_caller]
pub fn delete<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::DELETE, handler)
}

/// Routes `GET` requests to `handler`, and `HEAD` requests unless they have a handler of their own.
#[track_caller]
pub fn get<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::GET, handler)
}

/// Routes `HEAD` requests to `handler`.
#[track_caller]
pub fn head<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::HEAD, handler)
}

/// Routes `OPTIONS` requests to `handler`.
#[track_caller]
pub fn options<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::OPTIONS, handler)
}

/// Routes `PATCH` requests to `handler`.
#[track_caller]
pub fn patch<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::PATCH, handler)
}

/// Routes `POST` requests to `handler`.
#[track_caller]
pub fn post<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::POST, handler)
}

/// Routes `PUT` requests to `handler`.
#[track_caller]
pub fn put<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::PUT, handler)
}

/// Routes `TRACE` requests to `handler`.
#[track_caller]
pub fn trace<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    on(MethodFilter::TRACE, handler)
}

/// Routes requests of the methods in `filter` to `handler`.
#[track_caller]
pub fn on<H, T, S>(filter: MethodFilter, handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    MethodRouter::new().on(filter, handler)
}

/// Routes requests of any method to `handler`, but for those that are given another one.
#[track_caller]
pub fn any<H, T, S>(handler: H) -> MethodRouter<S, H::Policy>
where
    H: Protected<T, S>,
    H::Access: Mount<H, T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let slot = Slot::new();
    MethodRouter {
        inner: axum::routing::any(H::Access::mount(handler, &slot)),
        routes: vec![Route::of(Methods::Others, function_of::<H, H::Access>())],
        slots: vec![slot],
    }
}

impl<S, P> MethodRouter<S, P>
where
    S: Clone + Send + Sync + 'static,
    P: Policy,
{
    /// A method router that answers every method with 405.
    pub fn new() -> Self {
        Self { inner: axum::routing::MethodRouter::new(), routes: Vec::new(), slots: Vec::new() }
    }

    /// Routes requests of the methods in `filter` to `handler` too.
    ///
    /// # Panics
    ///
    /// If one of the methods has a handler already.
    #[track_caller]
    pub fn on<H, T>(mut self, filter: MethodFilter, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        let handler = H::Access::mount(handler, &self.slot());
        self.inner = self.inner.on(filter, handler);
        self.routes.push(Route::of(Methods::Only(filter), function_of::<H, H::Access>()));
        self
    }

    /// Routes `CONNECT` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn connect<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::CONNECT, handler)
    }

    /// Routes `DELETE` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn delete<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::DELETE, handler)
    }

    /// Routes `GET` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn get<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::GET, handler)
    }

    /// Routes `HEAD` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn head<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::HEAD, handler)
    }

    /// Routes `OPTIONS` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn options<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::OPTIONS, handler)
    }

    /// Routes `PATCH` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn patch<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::PATCH, handler)
    }

    /// Routes `POST` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn post<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::POST, handler)
    }

    /// Routes `PUT` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn put<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::PUT, handler)
    }

    /// Routes `TRACE` requests to `handler` too.
    ///
    /// # Panics
    ///
    /// If the method has a handler already.
    #[track_caller]
    pub fn trace<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        self.on(MethodFilter::TRACE, handler)
    }

    /// Calls `handler` for methods without a handler, in the place of 405.
    #[track_caller]
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        let handler = H::Access::mount(handler, &self.slot());
        self.inner = self.inner.fallback(handler);
        self.routes.retain(|route| route.methods() != Methods::Others);
        self.routes.push(Route::of(Methods::Others, function_of::<H, H::Access>()));
        self
    }

    /// Adds the handlers of another one.
    ///
    /// # Panics
    ///
    /// If both have a handler for a method, or both have a fallback.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        self.inner = self.inner.merge(other.inner);
        self.routes.extend(other.routes);
        self.slots.extend(other.slots);
        self
    }

    /// Applies a middleware to all handlers that are here so far, and to the fallback.
    ///
    /// It runs before the check: see the [module](super#middleware).
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.inner = self.inner.layer(layer);
        self
    }

    /// As [`layer`](Self::layer), without the fallback.
    ///
    /// # Panics
    ///
    /// If there is no handler yet.
    #[track_caller]
    pub fn route_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.inner = self.inner.route_layer(layer);
        self
    }

    /// Provides the state of the handlers.
    pub fn with_state<S2>(self, state: S) -> MethodRouter<S2, P> {
        MethodRouter { inner: self.inner.with_state(state), routes: self.routes, slots: self.slots }
    }

    /// All handlers of one method router share a slot; merging may add others.
    fn slot(&mut self) -> Slot<P> {
        if let Some(slot) = self.slots.first() {
            return slot.clone();
        }
        let slot = Slot::new();
        self.slots.push(slot.clone());
        slot
    }
}

impl<S, P> Default for MethodRouter<S, P>
where
    S: Clone + Send + Sync + 'static,
    P: Policy,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<S, P: Policy> fmt::Debug for MethodRouter<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodRouter").field("routes", &self.routes).finish_non_exhaustive()
    }
}
