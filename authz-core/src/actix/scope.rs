//! What answers under one prefix: annotated handlers in, and out only with a verifier.

use std::fmt;

use actix_web::body::MessageBody;
use actix_web::dev::{
    HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse, Transform,
};
use actix_web::guard::Guard;
use actix_web::{Error, Responder};

use super::answer::Answer;
use super::extract::State;
use super::part::{Kept, Part, require_reason};
use super::route::Record;
use super::web::Route;
use crate::denied::Denied;
use crate::policy::Policy;
use crate::token::Verifier;

/// The services under one prefix and the policy `P`, still without a verifier.
///
/// As [`actix_web::Scope`], with services that say who may call them. It is no service of actix: it
/// goes into an [`App`](super::App) or another scope, or [`secured_by`](Self::secured_by) makes a
/// scope of actix of it. `S` is the scope of actix inside, whose type changes with each
/// [`wrap`](Self::wrap).
#[must_use = "a scope serves nothing until it is in an app, or `secured_by` gives it a verifier"]
pub struct Scope<P: Policy, S = actix_web::Scope> {
    inner: S,
    prefix: String,
    kept: Kept<P>,
}

impl<P: Policy> Scope<P> {
    /// A scope that answers everything with 404.
    pub fn new(prefix: &str) -> Self {
        Self { inner: actix_web::Scope::new(prefix), prefix: prefix.to_owned(), kept: Kept::new() }
    }
}

impl<P, E> Scope<P, actix_web::Scope<E>>
where
    P: Policy,
    E: ServiceFactory<ServiceRequest, Config = (), Error = Error, InitError = ()>,
{
    /// Adds a route at a path below the prefix.
    pub fn route(mut self, path: &str, route: Route<P>) -> Self {
        self.inner = self.inner.route(path, route.inner);
        self.kept.add(route.record.at(path), route.slot);
        self
    }

    /// Adds a resource, a scope, or a handler where it declares that it is.
    ///
    /// # Panics
    ///
    /// If a handler declares no route, or another one has it already.
    #[track_caller]
    pub fn service<T, M>(mut self, part: T) -> Self
    where
        T: Part<P, M>,
    {
        let (factory, kept) = part.into_part();
        kept.reject_repeated(&self.kept.records);
        self.inner = self.inner.service(factory);
        self.kept.append(kept);
        self
    }

    /// Adds a service that anybody may call. The reason is listed with the routes.
    ///
    /// # Panics
    ///
    /// If the reason is empty.
    #[track_caller]
    pub fn public_service<F>(mut self, reason: &'static str, factory: F) -> Self
    where
        F: HttpServiceFactory + 'static,
    {
        require_reason(reason);
        self.inner = self.inner.service(factory);
        self.kept.note(Record::service(reason));
        self
    }

    /// Answers what nothing else under the prefix does, in the place of 404.
    pub fn default_service(mut self, route: Route<P>) -> Self {
        self.inner = self.inner.default_service(route.inner);
        self.kept.add(route.record.into_fallback(), route.slot);
        self
    }

    /// Asks for something else of the head of a request, before it is known who is asking.
    pub fn guard(mut self, guard: impl Guard + 'static) -> Self {
        self.inner = self.inner.guard(guard);
        self
    }

    /// Gives data or a configuration to the extractors of its handlers.
    pub fn app_data<D: 'static>(mut self, data: D) -> Self {
        self.inner = self.inner.app_data(data);
        self
    }

    /// Provides the state of its handlers, for [`State`].
    pub fn with_state<D: Clone + 'static>(self, state: D) -> Self {
        self.app_data(State(state))
    }

    /// Puts a middleware around everything in it. It runs before the check: see the
    /// [module](super#middleware).
    pub fn wrap<M, B>(
        self,
        middleware: M,
    ) -> Scope<
        P,
        actix_web::Scope<
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
        Scope { inner: self.inner.wrap(middleware), prefix: self.prefix, kept: self.kept }
    }

    /// Gives denials a body of your own, for everything in it so far: see
    /// [`App::on_denied`](super::App::on_denied).
    pub fn on_denied<F, R, B>(
        self,
        answer: F,
    ) -> Scope<
        P,
        actix_web::Scope<
            impl ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse,
                Error = Error,
                InitError = (),
            > + use<P, E, F, R, B>,
        >,
    >
    where
        F: Fn(&Denied) -> R + 'static,
        R: Responder + 'static,
        E: ServiceFactory<ServiceRequest, Response = ServiceResponse<B>>,
        B: MessageBody + 'static,
    {
        self.wrap(Answer::new(answer))
    }

    /// The routes so far, without the prefix.
    #[must_use]
    pub fn routes(&self) -> &[Record] {
        &self.kept.records
    }

    /// Gives the scope its verifier and turns it into a scope of actix, for an app or a
    /// `ServiceConfig` of actix's own.
    ///
    /// # Panics
    ///
    /// If a handler is not where its attribute declares it with `route`, with the prefix of this
    /// scope in front: the manifest would say another thing than the app does.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the service's one verifier goes in here; it reads as an end"
    )]
    #[track_caller]
    pub fn secured_by(self, verifier: Verifier<P>) -> actix_web::Scope<E> {
        self.kept.within(&self.prefix).secure(&verifier);
        self.inner
    }
}

impl<P: Policy, S: HttpServiceFactory + 'static> Part<P, ()> for Scope<P, S> {
    type Factory = S;

    fn into_part(self) -> (S, Kept<P>) {
        (self.inner, self.kept.within(&self.prefix))
    }
}

impl<P: Policy, S> fmt::Debug for Scope<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("prefix", &self.prefix)
            .field("routes", &self.kept.records)
            .finish_non_exhaustive()
    }
}
