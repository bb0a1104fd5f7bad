//! The app: annotated handlers in, and out only with a verifier.

use std::fmt;

use actix_web::dev::{HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::web::ServiceConfig;
use actix_web::{Error, Responder};

use super::answer::Answer;
use super::extract::State;
use super::gate::Mount;
use super::part::{Kept, Part, require_reason};
use super::protected::Protected;
use super::route::Record;
use super::web::Route;
use crate::denied::Denied;
use crate::policy::Policy;
use crate::token::Verifier;

/// An app of annotated handlers under the policy `P`, still without a verifier.
///
/// As [`actix_web::App`], with these differences: what it takes says who may call it, a service of
/// actix's own needs a reason, and it is no app of actix until [`secured_by`](Self::secured_by) has
/// made it one. That is the only way out: it is neither `Clone` nor a service, and gives no access to
/// what is inside.
///
/// actix builds an app for each of its workers, in a closure. Give the closure a clone of the
/// verifier, which is cheap, and clone it again inside: all workers then share keys, remembered
/// tokens and used proofs.
///
/// # Examples
///
/// ```no_run
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("read:orders")] ReadOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use actix_web::HttpServer;
/// use authz_core::actix::App;
/// use authz_core::requires;
///
/// #[requires(scope = "read:orders", route = "GET /orders")]
/// async fn list_orders() -> &'static str {
///     "the orders"
/// }
///
/// async fn serve(verifier: policy::Verifier) -> std::io::Result<()> {
///     let app = move || App::new().mount(list_orders).secured_by(verifier.clone());
///     HttpServer::new(app).bind("127.0.0.1:8080")?.run().await
/// }
/// # fn main() {}
/// ```
#[must_use = "an app serves nothing until `secured_by` gives it a verifier"]
pub struct App<P: Policy> {
    /// What is to be done to the configuration of actix, in this order.
    steps: Vec<Step>,
    kept: Kept<P>,
    answer: Answer,
}

type Step = Box<dyn FnOnce(&mut ServiceConfig)>;

impl<P: Policy> App<P> {
    /// An app that answers everything with 404.
    pub fn new() -> Self {
        Self { steps: Vec::new(), kept: Kept::new(), answer: Answer::default() }
    }

    /// Adds a route at a path.
    ///
    /// As in actix, what was added first is asked first, and a path with another method is 404
    /// unless some other route has it. A [`resource`](super::web::resource) answers 405.
    pub fn route(mut self, path: &str, route: Route<P>) -> Self {
        self.kept.add(route.record.at(path), route.slot);
        let (path, inner) = (path.to_owned(), route.inner);
        self.then(move |config| {
            config.route(&path, inner);
        })
    }

    /// Adds a handler where it says that it answers: `#[requires(…, route = "POST /orders")]`, or
    /// actix's own `#[post("/orders")]` below the access attribute.
    ///
    /// # Panics
    ///
    /// If the handler declares no route, or another one has it already.
    #[track_caller]
    pub fn mount<H, T>(self, handler: H) -> Self
    where
        H: Protected<T, Policy = P>,
        H::Access: Mount<H, T>,
    {
        self.add(Part::<P, (T,)>::into_part(handler))
    }

    /// Adds a resource, a scope, or a handler where it declares that it is.
    ///
    /// # Panics
    ///
    /// If a handler declares no route, or another one has it already.
    #[track_caller]
    pub fn service<T, M>(self, part: T) -> Self
    where
        T: Part<P, M>,
    {
        self.add(part.into_part())
    }

    #[track_caller]
    fn add<F: HttpServiceFactory + 'static>(mut self, (factory, kept): (F, Kept<P>)) -> Self {
        kept.reject_repeated(&self.kept.records);
        self.kept.append(kept);
        self.then(move |config| {
            config.service(factory);
        })
    }

    /// Adds a service that anybody may call, such as files. The reason is listed with the routes.
    ///
    /// A service says nothing about who may call it, so it is public and the reason says why that
    /// is right.
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
        self.kept.note(Record::service(reason));
        self.then(move |config| {
            config.service(factory);
        })
    }

    /// Answers what nothing else does, in the place of 404.
    pub fn default_service(mut self, route: Route<P>) -> Self {
        self.kept.add(route.record.into_fallback(), route.slot);
        self.then(move |config| {
            config.default_service(route.inner);
        })
    }

    /// Gives data or a configuration to the extractors of all handlers.
    pub fn app_data<D: 'static>(self, data: D) -> Self {
        self.then(move |config| {
            config.app_data(data);
        })
    }

    /// Provides the state of the handlers, for [`State`].
    pub fn with_state<D: Clone + 'static>(self, state: D) -> Self {
        self.app_data(State(state))
    }

    /// Gives denials a body of your own, for everything in this app.
    ///
    /// `answer` makes the body and may set header fields. The status stays, and so does the
    /// challenge unless `answer` sets one; the answer is never cached. It runs outside of all
    /// middleware in this app, and inside of what is put around the app of actix. A scope with an
    /// [`on_denied`](super::Scope::on_denied) of its own keeps that.
    ///
    /// # Examples
    ///
    /// ```
    /// use actix_web::web::Html;
    /// use authz_core::actix::App;
    /// use authz_core::{Denied, Policy};
    ///
    /// fn with_html<P: Policy>(app: App<P>) -> App<P> {
    ///     app.on_denied(|denied: &Denied| Html::new(format!("<p>Sorry: {denied}.</p>")))
    /// }
    /// ```
    pub fn on_denied<F, R>(mut self, answer: F) -> Self
    where
        F: Fn(&Denied) -> R + 'static,
        R: Responder + 'static,
    {
        self.answer = Answer::new(answer);
        self
    }

    /// The routes so far, in the order in which they were added.
    #[must_use]
    pub fn routes(&self) -> &[Record] {
        &self.kept.records
    }

    /// Gives the app its verifier and turns it into an app of actix.
    ///
    /// What is added to that app afterwards is actix's business alone: nobody asks for an annotation
    /// there. Its `wrap` takes the middleware that goes around everything.
    ///
    /// # Panics
    ///
    /// If a handler is not where its attribute declares it with `route`: the manifest would say
    /// another thing than the app does.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the service's one verifier goes in here; it reads as an end"
    )]
    #[must_use = "an app serves nothing until a server has it"]
    #[track_caller]
    pub fn secured_by(
        self,
        verifier: Verifier<P>,
    ) -> actix_web::App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = Error,
            InitError = (),
        > + use<P>,
    > {
        self.kept.secure(&verifier);
        let app = actix_web::App::new().configure(|config| {
            for step in self.steps {
                step(config);
            }
        });
        app.wrap(self.answer)
    }

    fn then(mut self, step: impl FnOnce(&mut ServiceConfig) + 'static) -> Self {
        self.steps.push(Box::new(step));
        self
    }
}

#[cfg(feature = "testing")]
impl<P: Policy> crate::testing::Routed<P> for App<P> {
    fn listed(&self) -> Vec<(&'static str, String)> {
        self.kept.records.iter().filter_map(Record::listed).collect()
    }
}

impl<P: Policy> Default for App<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Policy> fmt::Debug for App<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("routes", &self.kept.records)
            .field("answer", &self.answer)
            .finish_non_exhaustive()
    }
}
