//! The routes: annotated services in, and out only with a verifier.

use std::convert::Infallible;
use std::fmt;

use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;

use super::answer::{Answer, Answers};
use super::gate::{BodyError, Gate};
use super::methods::Methods;
use super::protected::Protected;
use super::record::Record;
use crate::denied::Denied;
use crate::http::Slot;
use crate::policy::Policy;
use crate::registry::require_unambiguous;
use crate::token::Verifier;

/// Annotated services under the policy `P`, still without a verifier.
///
/// They are no routes of tonic until [`secured_by`](Self::secured_by) has made them so. That is the
/// only way out: they are neither `Clone` nor a service, and give no access to what is inside.
///
/// The [module](crate::tonic) has an example.
#[must_use = "routes serve nothing until `secured_by` gives them a verifier"]
pub struct Routes<P: Policy> {
    inner: tonic::service::Routes,
    records: Vec<Record>,
    slot: Slot<P>,
    answer: Option<Answer>,
    answers: Answers,
}

impl<P: Policy> Routes<P> {
    /// Routes that answer everything with `UNIMPLEMENTED`.
    pub fn new() -> Self {
        let (inner, answers) = (tonic::service::Routes::default(), Answers::default());
        Self { inner, records: Vec::new(), slot: Slot::new(), answer: None, answers }
    }

    /// Adds a service whose methods say who may call them.
    ///
    /// # Panics
    ///
    /// If a service of the same name is there already.
    pub fn mount<S, T, B>(mut self, service: S) -> Self
    where
        S: Protected<T, Policy = P>,
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        let mut methods = Methods::new();
        S::methods(&mut methods);
        methods.iter().for_each(|method| require_unambiguous(method.function));
        self.records.extend(methods.iter().map(|method| Record::of(S::NAME, method)));
        self.inner = self.inner.add_service(Gate::new(service, methods, &self.slot, &self.answers));
        self
    }

    /// Adds a service that anybody may call, such as those of `tonic-health` and `tonic-reflection`.
    /// The reason is listed with the routes.
    ///
    /// # Panics
    ///
    /// If the reason is empty, or a service of the same name is there already.
    #[track_caller]
    pub fn public_service<S, B>(mut self, reason: &'static str, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        assert!(
            !reason.trim().is_empty(),
            "a public service needs a reason: who may call it, and why is that right?"
        );
        self.records.push(Record::service(S::NAME, reason));
        self.inner = self.inner.add_service(service);
        self
    }

    /// Says denials in words of your own, of all services that are mounted, before and after.
    ///
    /// `answer` gets the denial and the status that it would be. It may add to its metadata, or make
    /// another one with a message and details of its own. The code stays, and so does what the caller has
    /// to know, such as the challenge unless `answer` sets one. Denials that a method returns are answered
    /// so too, but not those that end a stream which has begun.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::tonic::Routes;
    /// use authz_core::{Denied, Policy};
    /// use tonic::Status;
    /// use tonic::metadata::AsciiMetadataValue;
    ///
    /// fn with_help<P: Policy>(routes: Routes<P>) -> Routes<P> {
    ///     routes.on_denied(|_: &Denied, mut status: Status| {
    ///         let help = AsciiMetadataValue::from_static("https://shop.example/access");
    ///         status.metadata_mut().insert("help", help);
    ///         status
    ///     })
    /// }
    /// ```
    pub fn on_denied(
        mut self,
        answer: impl Fn(&Denied, Status) -> Status + Send + Sync + 'static,
    ) -> Self {
        self.answer = Some(Answer::new(answer));
        self
    }

    /// The methods and services so far, in the order in which they were added.
    #[must_use]
    pub fn routes(&self) -> &[Record] {
        &self.records
    }

    /// Gives the routes their verifier and turns them into routes of tonic, for
    /// `Server::builder().add_routes(…)`, or as an [`axum`](tonic::service::Routes::into_axum_router)
    /// router.
    ///
    /// What is added to those afterwards is tonic's business alone: nobody asks for an annotation
    /// there.
    ///
    /// # Panics
    ///
    /// If a method is not where its attribute declares it with `route`: the manifest would say another
    /// thing than the service does.
    #[track_caller]
    pub fn secured_by(self, verifier: Verifier<P>) -> tonic::service::Routes {
        let astray = self.records.iter().find(|record| !record.is_as_declared());
        assert!(
            astray.is_none(),
            "a method is not where it declares: {} declares `{}`",
            astray.map(ToString::to_string).unwrap_or_default(),
            astray.and_then(|record| record.function()?.route()).unwrap_or_default()
        );
        if let Some(answer) = self.answer {
            self.answers.fill(answer);
        }
        self.slot.fill(verifier);
        self.inner.prepare()
    }
}

#[cfg(feature = "testing")]
impl<P: Policy> crate::testing::Routed<P> for Routes<P> {
    fn listed(&self) -> Vec<(&'static str, String)> {
        self.records.iter().filter_map(Record::listed).collect()
    }
}

impl<P: Policy> Default for Routes<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Policy> fmt::Debug for Routes<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes").field("routes", &self.records).finish_non_exhaustive()
    }
}
