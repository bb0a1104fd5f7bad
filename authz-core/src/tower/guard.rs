//! The layer, its service, and the way of the guard to the service inside.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Extensions, Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::audit::{self, Log, Place};
use crate::denied::Denied;
use crate::guard::{Guard, Guarded};
use crate::http::RequestHead;
use crate::identity::Identity;
use crate::policy::Policy;
use crate::token::Verifier;

/// Lets only those through to a service who may call the function `R`, which stands under the policy
/// `P`. Made by [`Verifier::guard`].
pub struct GuardLayer<R, P: Policy> {
    verifier: Verifier<P>,
    function: PhantomData<fn() -> R>,
}

impl<P: Policy> Verifier<P> {
    /// A layer that lets only those through who may call the function `R` (feature `tower`).
    ///
    /// The [module](crate::tower) has an example.
    #[must_use = "a layer guards what it is put around"]
    pub fn guard<R: Guarded<Policy = P>>(&self) -> GuardLayer<R, P> {
        GuardLayer { verifier: self.clone(), function: PhantomData }
    }
}

impl<R, P: Policy> Clone for GuardLayer<R, P> {
    fn clone(&self) -> Self {
        Self { verifier: self.verifier.clone(), function: PhantomData }
    }
}

impl<R: Guarded, P: Policy> fmt::Debug for GuardLayer<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuardLayer({})", R::FUNCTION.id())
    }
}

impl<S, R: Guarded> Layer<S> for GuardLayer<R, R::Policy> {
    type Service = GuardService<S, R>;

    fn layer(&self, inner: S) -> GuardService<S, R> {
        GuardService { inner, verifier: self.verifier.clone(), function: PhantomData }
    }
}

/// A service that is called by those who may call the function `R`.
///
/// It answers others with the status, the challenge and the problem of the denial, which is in the
/// extensions of the response. The body of a response has to be one that can be made of bytes
/// (`From<Vec<u8>>`), as those of `axum`, `poem` and `http-body-util`'s `Full` are.
pub struct GuardService<S, R: Guarded> {
    inner: S,
    verifier: Verifier<R::Policy>,
    function: PhantomData<fn() -> R>,
}

impl<S: Clone, R: Guarded> Clone for GuardService<S, R> {
    fn clone(&self) -> Self {
        let (inner, verifier) = (self.inner.clone(), self.verifier.clone());
        Self { inner, verifier, function: PhantomData }
    }
}

impl<S, R: Guarded> fmt::Debug for GuardService<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuardService({})", R::FUNCTION.id())
    }
}

impl<S, R, B, A> Service<Request<B>> for GuardService<S, R>
where
    S: Service<Request<B>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    R: Guarded,
    B: Send + 'static,
    A: From<Vec<u8>>,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = GuardFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match self.admit_now(&mut request) {
            Some(Ok(())) => GuardFuture::Called { future: self.inner.call(request) },
            Some(Err(denied)) => GuardFuture::Refused { denied: Some(denied) },
            None => {
                // The one that is ready goes along; its clone has to become so.
                let clone = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, clone);
                let verifier = self.verifier.clone();
                GuardFuture::Asking {
                    future: Box::pin(async move {
                        let answer = verifier.authenticate(RequestHead::of(&request)).await;
                        admit::<R, _>(verifier.log(), &mut request, answer)?;
                        Ok(inner.call(request))
                    }),
                }
            }
        }
    }
}

impl<S, R: Guarded> GuardService<S, R> {
    /// As far as that goes without waiting; `None` where somebody is to be asked.
    fn admit_now<B>(&self, request: &mut Request<B>) -> Option<Result<(), Denied>> {
        // An identity is made by a verifier or vouched for under `danger`; whether it is taken here is said
        // by the verifier of this layer.
        let answer = match self.verifier.known_in(request.extensions()) {
            Some(answer) => answer,
            None => self.verifier.authenticate_now(RequestHead::of(request))?,
        };
        Some(admit::<R, B>(self.verifier.log(), request, answer))
    }
}

/// Checks who was found, and leaves identity and guard in the request.
fn admit<R: Guarded, B>(
    log: Option<&Log>,
    request: &mut Request<B>,
    answer: Result<Identity<R::Policy>, Denied>,
) -> Result<(), Denied> {
    let place = || Place::new(request.method(), route(request), request.headers());
    let identity = answer.inspect_err(|denied| audit::unknown::<R>(log, denied, place))?;
    let guard: Guard<R> = identity.clone().into_guard_at(place)?;
    request.extensions_mut().insert(identity);
    request.extensions_mut().insert(Arc::new(guard));
    Ok(())
}

/// The template of the route, where the service is behind a router of axum that tells.
fn route<B>(request: &Request<B>) -> Option<&str> {
    #[cfg(feature = "axum")]
    let route = request.extensions().get::<axum::extract::MatchedPath>();
    #[cfg(feature = "axum")]
    let route = route.map(axum::extract::MatchedPath::as_str);
    #[cfg(not(feature = "axum"))]
    let route = {
        let _ = request;
        None
    };
    route
}

/// Takes the guard that [`GuardLayer`] has left in the extensions of a request.
///
/// `None` where the request did not pass a layer for this function, or the guard was taken before:
/// one request is one call.
#[must_use = "a guard is proof for the function it names: pass it on"]
pub fn take_guard<R: Guarded>(extensions: &mut Extensions) -> Option<Guard<R>> {
    extensions.remove::<Arc<Guard<R>>>().and_then(Arc::into_inner)
}

pin_project! {
    /// The answer of a [`GuardService`].
    #[project = GuardFutureProjection]
    pub enum GuardFuture<F> {
        #[doc(hidden)]
        Refused { denied: Option<Denied> },
        #[doc(hidden)]
        Asking {
            future: Pin<Box<dyn Future<Output = Result<F, Denied>> + Send>>,
        },
        #[doc(hidden)]
        Called {
            #[pin]
            future: F,
        },
    }
}

impl<F, A, E> Future for GuardFuture<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    A: From<Vec<u8>>,
{
    type Output = Result<Response<A>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let next = match self.as_mut().project() {
                GuardFutureProjection::Refused { denied } => {
                    // A future that has answered is not polled again.
                    return denied
                        .take()
                        .map_or(Poll::Pending, |denied| Poll::Ready(Ok(denied.into_http())));
                }
                GuardFutureProjection::Called { future } => return future.poll(context),
                GuardFutureProjection::Asking { future } => match future.as_mut().poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(future)) => Self::Called { future },
                    Poll::Ready(Err(denied)) => Self::Refused { denied: Some(denied) },
                },
            };
            self.set(next);
        }
    }
}

impl<F> fmt::Debug for GuardFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused { .. } => "GuardFuture::Refused",
            Self::Asking { .. } => "GuardFuture::Asking",
            Self::Called { .. } => "GuardFuture::Called",
        })
    }
}
