//! The router: annotated handlers in, and out only with a verifier.

use std::convert::Infallible;
use std::fmt;

use axum::extract::Request;
use axum::response::IntoResponse;
use tower::{Layer, Service};

use super::gate::Mount;
use super::protected::Protected;
use super::response::Answer;
use super::route::{Route, parse};
use super::routing::{MethodRouter, on};
use crate::access::function_of;
use crate::denied::Denied;
use crate::http::Slot;
use crate::policy::Policy;
use crate::token::Verifier;

/// A router of annotated handlers under the policy `P`, still without a verifier.
///
/// As [`axum::Router`], with these differences: handlers are [`Protected`], a service needs a
/// reason, and it serves nothing until [`secured_by`](Self::secured_by) has turned it into a router
/// of axum. That is the only way out: it is not `Clone`, not a `Service`, and gives no access to
/// the router inside. The [module](super) lists what is named differently.
#[must_use = "a router serves nothing until `secured_by` gives it a verifier"]
pub struct Router<P: Policy, S = ()> {
    inner: axum::Router<S>,
    routes: Vec<Route>,
    slots: Vec<Slot<P>>,
    answer: Option<Answer>,
}

impl<P, S> Router<P, S>
where
    P: Policy,
    S: Clone + Send + Sync + 'static,
{
    /// A router that answers everything with 404.
    pub fn new() -> Self {
        Self { inner: axum::Router::new(), routes: Vec::new(), slots: Vec::new(), answer: None }
    }

    /// Adds the handlers of a path.
    ///
    /// # Panics
    ///
    /// If the path is not valid, or a method of it has a handler already.
    #[track_caller]
    pub fn route(mut self, path: &str, methods: MethodRouter<S, P>) -> Self {
        self.inner = self.inner.route(path, methods.inner);
        self.routes.extend(methods.routes.into_iter().map(|route| route.at(path)));
        self.slots.extend(methods.slots);
        self
    }

    /// Adds a handler where it says that it answers: `#[requires(…, route = "POST /orders")]`.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod policy {
    /// #     use authz_core::{Roles, Scopes};
    /// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    /// #     pub enum Role { Clerk }
    /// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    /// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
    /// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
    /// # }
    /// use authz_core::{axum::Router, requires};
    ///
    /// #[requires(scope = "write:orders", route = "POST /orders")]
    /// async fn place_order() {}
    ///
    /// # fn main() {
    /// let router: Router<policy::Policy> = Router::new().mount(place_order);
    /// assert_eq!(router.routes()[0].path(), "/orders");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the handler declares no route, or another one is there already.
    #[track_caller]
    pub fn mount<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        let function = function_of::<H, H::Access>();
        let declared = function.route().and_then(parse);
        let id = function.id();
        assert!(
            declared.is_some(),
            "`{id}` declares no route; write `route = \"GET /...\"` in its attribute, or say with \
             `route` where it is"
        );
        let Some((method, path)) = declared else { return self };
        let other = self.routes.iter().find(|route| route.answers(method, path));
        assert!(
            other.is_none(),
            "`{id}` declares a route that another handler has: {}; give one of them another route",
            other.map(ToString::to_string).unwrap_or_default()
        );
        self.route(path, on(method, handler))
    }

    /// Adds a service that anybody may call. The reason is listed with the route.
    ///
    /// A service says nothing about who may call it, so it is public and the reason says why that
    /// is right.
    ///
    /// # Panics
    ///
    /// If the reason is empty, the path is not valid or has something already, or the service is a
    /// router of axum.
    #[track_caller]
    pub fn public_service<T>(mut self, path: &str, reason: &'static str, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        T::Response: IntoResponse,
        T::Future: Send + 'static,
    {
        require_reason(reason);
        self.inner = self.inner.route_service(path, service);
        self.routes.push(Route::service(path.to_owned(), reason));
        self
    }

    /// Adds a service that anybody may call under a whole prefix, such as a directory of files.
    ///
    /// # Panics
    ///
    /// If the reason is empty, or the path is not valid or has something already.
    #[track_caller]
    pub fn nest_public_service<T>(mut self, path: &str, reason: &'static str, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        T::Response: IntoResponse,
        T::Future: Send + 'static,
    {
        require_reason(reason);
        self.inner = self.inner.nest_service(path, service);
        let path = format!("{}/{{*rest}}", path.trim_end_matches('/'));
        self.routes.push(Route::service(path, reason));
        self
    }

    /// Lets a service that anybody may call answer what no route does.
    ///
    /// # Panics
    ///
    /// If the reason is empty.
    #[track_caller]
    pub fn fallback_public_service<T>(self, reason: &'static str, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        T::Response: IntoResponse,
        T::Future: Send + 'static,
    {
        require_reason(reason);
        let mut this = self.without_fallback_routes();
        this.inner = this.inner.fallback_service(service);
        this.routes.push(Route::fallback_service(reason));
        this
    }

    /// Adds another router under a prefix, with its guards, its records and its
    /// [`on_denied`](Self::on_denied).
    ///
    /// # Panics
    ///
    /// If the prefix is empty or `/`, or a route of the other router is here already.
    #[track_caller]
    pub fn nest(mut self, prefix: &str, other: Self) -> Self {
        self.routes.extend(other.routes.iter().cloned().map(|route| route.nested_at(prefix)));
        self.slots.extend(other.slots.iter().cloned());
        self.inner = self.inner.nest(prefix, other.answering());
        self
    }

    /// Adds the routes of another router, with its guards, its records and its
    /// [`on_denied`](Self::on_denied).
    ///
    /// # Panics
    ///
    /// If both have a route for a path and method, or both have a fallback.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes.iter().cloned());
        self.slots.extend(other.slots.iter().cloned());
        self.inner = self.inner.merge(other.answering());
        self
    }

    /// Calls `handler` for what no route answers, in the place of 404.
    #[track_caller]
    pub fn fallback<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        let mut this = self.without_fallback_routes();
        let handler = H::Access::mount(handler, &this.slot());
        this.inner = this.inner.fallback(handler);
        this.routes.push(Route::fallback(function_of::<H, H::Access>()));
        this
    }

    /// Calls `handler` for methods that the routes so far do not have, in the place of 405.
    #[track_caller]
    pub fn method_not_allowed_fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Protected<T, S, Policy = P>,
        H::Access: Mount<H, T, S>,
        T: 'static,
    {
        let handler = H::Access::mount(handler, &self.slot());
        self.inner = self.inner.method_not_allowed_fallback(handler);
        self.routes.push(Route::method_not_allowed(function_of::<H, H::Access>()));
        self
    }

    /// Goes back to 404 for what no route answers.
    pub fn reset_fallback(self) -> Self {
        let mut this = self.without_fallback_routes();
        this.inner = this.inner.reset_fallback();
        this
    }

    /// Applies a middleware to all routes that are here so far, and to the fallback.
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

    /// As [`layer`](Self::layer), for requests that match a route only.
    ///
    /// # Panics
    ///
    /// If there is no route yet.
    #[track_caller]
    pub fn route_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.inner = self.inner.route_layer(layer);
        self
    }

    /// Provides the state of the handlers.
    pub fn with_state<S2>(self, state: S) -> Router<P, S2> {
        Router {
            inner: self.inner.with_state(state),
            routes: self.routes,
            slots: self.slots,
            answer: self.answer,
        }
    }

    /// Gives denials a body of your own, for all routes of this router.
    ///
    /// `answer` makes the body and may set header fields. The status stays, and so does the
    /// challenge unless `answer` sets one; the answer is never cached. It runs outside of all
    /// layers of this router. A router that is nested or merged keeps its own `answer`.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::{Denied, Policy};
    /// use authz_core::axum::Router;
    ///
    /// fn with_html<P: Policy>(router: Router<P>) -> Router<P> {
    ///     router.on_denied(|denied: &Denied| {
    ///         axum::response::Html(format!("<p>Sorry: {denied}.</p>"))
    ///     })
    /// }
    /// ```
    pub fn on_denied<F, R>(mut self, answer: F) -> Self
    where
        F: Fn(&Denied) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        self.answer = Some(Answer::new(answer));
        self
    }

    /// The routes so far, in the order in which they were added.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Gives the router its verifier and turns it into a router of axum.
    ///
    /// # Panics
    ///
    /// If a handler is not where its attribute declares it with `route`: the manifest would say
    /// another thing than the router does.
    ///
    /// What is added to that router afterwards is axum's business alone: nobody asks for an
    /// annotation there.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::Policy;
    /// use authz_core::axum::Router;
    /// use authz_core::token::Verifier;
    ///
    /// fn app<P: Policy>(router: Router<P>, verifier: Verifier<P>) -> axum::Router {
    ///     router.secured_by(verifier)
    /// }
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the service's one verifier goes in here; it reads as an end"
    )]
    #[track_caller]
    pub fn secured_by(self, verifier: Verifier<P>) -> axum::Router<S> {
        let astray = self.routes.iter().find(|route| !route.is_as_declared());
        assert!(
            astray.is_none(),
            "a handler is not where it declares: {} declares `{}`; `mount` puts it there",
            astray.map(ToString::to_string).unwrap_or_default(),
            astray.and_then(|route| route.function()?.route()).unwrap_or_default()
        );
        for slot in &self.slots {
            slot.fill(verifier.clone());
        }
        self.answering()
    }

    fn without_fallback_routes(mut self) -> Self {
        self.routes.retain(|route| !route.is_router_fallback());
        self
    }

    /// The router inside, answering denials as this one was told to.
    fn answering(self) -> axum::Router<S> {
        match self.answer {
            Some(answer) => self.inner.layer(answer),
            None => self.inner,
        }
    }

    fn slot(&mut self) -> Slot<P> {
        let slot = Slot::new();
        self.slots.push(slot.clone());
        slot
    }
}

#[cfg(feature = "testing")]
impl<P: Policy, S> crate::testing::Routed<P> for Router<P, S> {
    fn listed(&self) -> Vec<(&'static str, String)> {
        self.routes.iter().filter_map(Route::listed).collect()
    }
}

/// A reason is part of the listing that somebody reviews; an empty one says nothing.
#[track_caller]
fn require_reason(reason: &str) {
    assert!(
        !reason.trim().is_empty(),
        "a public service needs a reason: who may call it, and why is that right?"
    );
}

impl<P, S> Default for Router<P, S>
where
    P: Policy,
    S: Clone + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Policy, S> fmt::Debug for Router<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("routes", &self.routes)
            .field("answer", &self.answer)
            .finish_non_exhaustive()
    }
}
