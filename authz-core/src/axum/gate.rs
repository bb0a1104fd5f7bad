//! What stands in front of a guarded handler: no call without an identity in the request.
//!
//! The gate finds out who is asking; the guard, first among the handler's extractors, decides.
//! INVARIANT: neither touches the body.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, Request};
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;

use crate::access::Access;
use crate::audit::{self, Log, Place};
use crate::denied::Denied;
use crate::guard::{Guard, Guarded, Open, OpenToAll};
use crate::http::{Asked, RequestHead, Slot};
use crate::token::{Known, Verifier};

/// The first argument of a handler that axum can call: [`Guard`] or [`Open`].
///
/// The second half of what a router asks of a handler, beside [`Protected`](super::Protected). It is
/// asked apart, and of the argument: a handler without an annotation has no such argument, so that
/// the compiler reports the annotation alone. Nothing else can implement it.
#[diagnostic::on_unimplemented(
    message = "`{H}` is annotated, but not a handler of axum",
    label = "an argument is no extractor, the return type is no response, or it is not `async`",
    note = "the last argument may read the body; the others have to be extractors of the request's \
            head (`FromRequestParts`)",
    note = "a type with fields for some alone is no body by itself: answer `Masked`, and take `Input` of it",
    note = "`#[axum::debug_handler]`, below the access attribute, tells which"
)]
pub trait Mount<H, T, S>: Access {
    /// The handler as axum gets it.
    #[doc(hidden)]
    type Mounted: Handler<T, S>;

    #[doc(hidden)]
    fn mount(handler: H, slot: &Slot<Self::Policy>) -> Self::Mounted;
}

#[diagnostic::do_not_recommend]
impl<R: Guarded, H: Handler<T, S>, T: 'static, S: Send + 'static> Mount<H, T, S> for Guard<R> {
    type Mounted = Gate<H, R>;

    fn mount(handler: H, slot: &Slot<R::Policy>) -> Gate<H, R> {
        Gate { handler, slot: slot.clone(), function: PhantomData }
    }
}

/// A public handler is mounted as it is: nobody reads its caller's token.
#[diagnostic::do_not_recommend]
impl<R: OpenToAll, H: Handler<T, S>, T, S> Mount<H, T, S> for Open<R> {
    type Mounted = H;

    fn mount(handler: H, _: &Slot<R::Policy>) -> H {
        handler
    }
}

/// A handler that is called with an identity in the request, or not at all.
pub struct Gate<H, R: Guarded> {
    handler: H,
    slot: Slot<R::Policy>,
    function: PhantomData<fn() -> R>,
}

#[diagnostic::do_not_recommend]
impl<H, R, T, S> Handler<T, S> for Gate<H, R>
where
    H: Handler<T, S>,
    R: Guarded,
    T: 'static,
    S: Send + 'static,
{
    type Future = GateFuture<H::Future>;

    #[inline]
    fn call(self, mut request: Request, state: S) -> Self::Future {
        // An identity is made by a verifier or vouched for under `danger`; whether this gate takes it is
        // said by its own verifier.
        let answer = match self.slot.known(request.extensions().get()) {
            Known::Unchanged => {
                return GateFuture::Called { future: self.handler.call(request, state) };
            }
            Known::Changed(identity) => Ok(identity),
            Known::Refused(denied) => Err(denied),
            Known::Nobody => match self.slot.authenticate(RequestHead::of(&request)) {
                Asked::Answered(answer) => answer,
                Asked::Waiting(verifier) => {
                    let future = Box::pin(self.ask(verifier, request, state));
                    return GateFuture::Asking { future };
                }
            },
        };
        match answer {
            Ok(identity) => request.extensions_mut().insert(identity),
            Err(denied) => return refuse::<R, _>(self.slot.log(), denied, &request),
        };
        GateFuture::Called { future: self.handler.call(request, state) }
    }
}

impl<H, R: Guarded> Gate<H, R> {
    /// Waits for the identity, then for the handler.
    async fn ask<T, S>(
        self,
        verifier: Verifier<R::Policy>,
        mut request: Request,
        state: S,
    ) -> Response
    where
        H: Handler<T, S>,
    {
        match verifier.authenticate(RequestHead::of(&request)).await {
            Ok(identity) => {
                request.extensions_mut().insert(identity);
                self.handler.call(request, state).await
            }
            Err(denied) => {
                audit::unknown::<R>(verifier.log(), &denied, || place(&request));
                denied.into_response()
            }
        }
    }
}

#[cold]
fn refuse<R: Guarded, F>(log: Option<&Log>, denied: Denied, request: &Request) -> GateFuture<F> {
    audit::unknown::<R>(log, &denied, || place(request));
    GateFuture::Refused { denied: ready(denied) }
}

fn place(request: &Request) -> Place {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    Place::new(request.method(), route, request.headers())
}

impl<H: Clone, R: Guarded> Clone for Gate<H, R> {
    fn clone(&self) -> Self {
        Self { handler: self.handler.clone(), slot: self.slot.clone(), function: PhantomData }
    }
}

impl<H, R: Guarded> fmt::Debug for Gate<H, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gate({})", R::FUNCTION.id())
    }
}

pin_project! {
    /// The answer of a [`Gate`].
    ///
    /// A denial becomes a response when it is asked for: the future of every request that passes is
    /// moved about, and a response in it would make it many times as large.
    #[project = GateFutureProjection]
    pub enum GateFuture<F> {
        Refused {
            #[pin]
            denied: Ready<Denied>,
        },
        Asking {
            future: Pin<Box<dyn Future<Output = Response> + Send>>,
        },
        Called {
            #[pin]
            future: F,
        },
    }
}

impl<F: Future<Output = Response>> Future for GateFuture<F> {
    type Output = Response;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        match self.project() {
            GateFutureProjection::Refused { denied } => {
                denied.poll(context).map(IntoResponse::into_response)
            }
            GateFutureProjection::Asking { future } => future.as_mut().poll(context),
            GateFutureProjection::Called { future } => future.poll(context),
        }
    }
}
