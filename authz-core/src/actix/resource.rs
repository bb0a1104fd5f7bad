//! What answers at one path, by method: annotated handlers in, and out only with a verifier.

use std::fmt;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{
    HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse, Transform,
};
use actix_web::guard::Guard;

use super::gate::Mount;
use super::part::{Kept, Part};
use super::protected::Protected;
use super::web::{self, Route};
use crate::policy::Policy;

/// The handlers of one path under the policy `P`, still without a verifier.
///
/// As [`actix_web::Resource`], with handlers that are [`Protected`]. It is no service of actix; an
/// [`App`](super::App) or a [`Scope`](super::Scope) takes it. `R` is the resource of actix inside,
/// whose type changes with each [`wrap`](Self::wrap).
#[must_use = "a resource serves nothing until it is in an app"]
pub struct Resource<P: Policy, R = actix_web::Resource> {
    inner: R,
    path: String,
    kept: Kept<P>,
}

impl<P: Policy> Resource<P> {
    /// A resource that answers every method with 405.
    pub fn new(path: &str) -> Self {
        Self { inner: actix_web::Resource::new(path), path: path.to_owned(), kept: Kept::new() }
    }
}

impl<P, E> Resource<P, actix_web::Resource<E>>
where
    P: Policy,
    E: ServiceFactory<ServiceRequest, Config = (), Error = Error, InitError = ()>,
{
    /// Adds a route.
    pub fn route(mut self, route: Route<P>) -> Self {
        self.inner = self.inner.route(route.inner);
        self.kept.add(route.record, route.slot);
        self
    }

    /// Adds a handler of every method.
    #[track_caller]
    pub fn to<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, Policy = P>,
        H::Access: Mount<H, T>,
    {
        self.route(web::to(handler))
    }

    /// Asks for something else of the head of a request, before it is known who is asking.
    pub fn guard(mut self, guard: impl Guard + 'static) -> Self {
        self.inner = self.inner.guard(guard);
        self
    }

    /// Names the resource, for addresses that actix makes.
    pub fn name(mut self, name: &str) -> Self {
        self.inner = self.inner.name(name);
        self
    }

    /// Gives data or a configuration to the extractors of its handlers.
    pub fn app_data<D: 'static>(mut self, data: D) -> Self {
        self.inner = self.inner.app_data(data);
        self
    }

    /// Puts a middleware around all routes. It runs before the check: see the
    /// [module](super#middleware).
    pub fn wrap<M, B>(
        self,
        middleware: M,
    ) -> Resource<
        P,
        actix_web::Resource<
            impl ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + use<P, E, M, B>,
        >,
    >
    where
        M: Transform<
                E::Service,
                ServiceRequest,
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        B: MessageBody,
    {
        Resource { inner: self.inner.wrap(middleware), path: self.path, kept: self.kept }
    }
}

impl<P: Policy, R: HttpServiceFactory + 'static> Part<P, ()> for Resource<P, R> {
    type Factory = R;

    fn into_part(self) -> (R, Kept<P>) {
        (self.inner, self.kept.at(&rooted(&self.path)))
    }
}

/// As actix has it: a path without a slash in front gets one.
fn rooted(path: &str) -> String {
    if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

impl<P: Policy, R> fmt::Debug for Resource<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("path", &self.path)
            .field("routes", &self.kept.records)
            .finish_non_exhaustive()
    }
}
