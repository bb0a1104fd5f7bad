//! What stands in front of a service: no method is called by somebody who may not call it.
//!
//! The path of a request names the method, so the gate decides before a message is read. The check
//! inside the method then finds who was let in, and asks once more.
//! INVARIANT: nothing here touches the body of a request.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;

use super::answer::Answers;
use super::methods::{Checks, Method, Methods};
use super::request::Admitted;
use crate::audit::Place;
use crate::denied::Denied;
use crate::http::{Asked, RequestHead, Slot};
use crate::identity::Identity;
use crate::policy::Policy;

/// What tonic takes for the error of a body.
pub(super) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A service that is called by those who may.
pub(super) struct Gate<S, P: Policy> {
    inner: S,
    methods: Arc<Methods<P>>,
    slot: Slot<P>,
    answers: Answers,
}

impl<S, P: Policy> Gate<S, P> {
    pub(super) fn new(inner: S, methods: Methods<P>, slot: &Slot<P>, answers: &Answers) -> Self {
        let (slot, answers) = (slot.clone(), answers.clone());
        Self { inner, methods: Arc::new(methods), slot, answers }
    }
}

impl<S: Clone, P: Policy> Clone for Gate<S, P> {
    fn clone(&self) -> Self {
        let (slot, answers) = (self.slot.clone(), self.answers.clone());
        Self { inner: self.inner.clone(), methods: Arc::clone(&self.methods), slot, answers }
    }
}

impl<S: NamedService, P: Policy> NamedService for Gate<S, P> {
    const NAME: &'static str = S::NAME;
}

impl<S: NamedService, P: Policy> fmt::Debug for Gate<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gate({})", S::NAME)
    }
}

impl<S, P, B> Service<Request<Body>> for Gate<S, P>
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    S: NamedService + Clone + Send + 'static,
    S::Future: Send,
    P: Policy,
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<BodyError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let name = method_name::<S>(request.uri().path());
        let Some(&method) = name.and_then(|name| self.methods.find(name)) else {
            // What the attribute did not see, such as a method with a default, is not served.
            return Box::pin(async { Ok(Status::unimplemented("").into_http()) });
        };
        // The one that is ready goes along; its clone has to become so.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let (slot, answers) = (self.slot.clone(), self.answers.clone());
        Box::pin(async move {
            if let Some(checks) = method.gate {
                let head = RequestHead::of(&request);
                match admit(head, &slot, (S::NAME, method), checks).await {
                    Ok(identity) => {
                        request.extensions_mut().insert(identity);
                        request.extensions_mut().insert(Admitted::to(method.function));
                    }
                    Err(denied) => return Ok(answers.refuse(denied)),
                }
            }
            Ok(answers.look_at(inner.call(request).await?.map(Body::new)))
        })
    }
}

/// The last segment of `/package.Service/Method`, where the service is this one.
fn method_name<S: NamedService>(path: &str) -> Option<&str> {
    path.strip_prefix('/')?.strip_prefix(S::NAME)?.strip_prefix('/')
}

/// Who is asking, if that is enough.
async fn admit<P: Policy>(
    head: RequestHead<'_>,
    slot: &Slot<P>,
    (service, method): (&str, Method<P>),
    checks: Checks<P>,
) -> Result<Identity<P>, Denied> {
    let place = || {
        let (path, _) = method.path(service);
        Place::new(head.method(), Some(&path), head.headers())
    };
    // An identity is made by a verifier or vouched for under `danger`; whether this gate takes it is said by
    // its own verifier.
    let answer = match slot.known_in(head.extensions()) {
        Some(answer) => answer,
        None => match slot.authenticate(head) {
            Asked::Answered(answer) => answer,
            Asked::Waiting(verifier) => verifier.authenticate(head).await,
        },
    };
    let identity = answer.inspect_err(|denied| (checks.unknown)(slot.log(), denied, &place))?;
    (checks.admit)(identity, &place)
}
