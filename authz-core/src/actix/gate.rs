//! What stands in front of a guarded handler: no call, and no extractor, without a guard.
//!
//! actix makes all arguments of a handler at once. So the gate does not leave the check to the first
//! of them: it finds out who is asking, checks, and leaves the guard in the request before the first
//! extractor is made. INVARIANT: nothing of it touches the payload.

use actix_web::dev::{Handler, ServiceRequest, ServiceResponse, fn_service};
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder, ResponseError as _,
};

use super::extract::{check, head_of, refused};
use crate::access::Access;
use crate::denied::Denied;
use crate::guard::{Guard, Guarded, Open, OpenToAll};
use crate::http::{Asked, Slot};
use crate::identity::Identity;
use crate::token::Known;

/// The first argument of a handler that actix can call: [`Guard`] or [`Open`].
///
/// The second half of what a route asks of a handler, beside [`Protected`](super::Protected). It is
/// asked apart, and of the argument: a handler without an annotation has no such argument, so that
/// the compiler reports the annotation alone. Nothing else can implement it.
#[diagnostic::on_unimplemented(
    message = "`{H}` is annotated, but not a handler of actix-web",
    label = "an argument is no extractor, the return type is no response, or it is not `async`",
    note = "every argument has to be an extractor (`FromRequest`), the function `Clone`, and what it \
            returns a `Responder`",
    note = "a type with fields for some alone is no body by itself: answer `Masked`, and take `Input` of it"
)]
pub trait Mount<H, T>: Access {
    /// The route as actix gets it.
    #[doc(hidden)]
    fn mount(route: actix_web::Route, handler: H, slot: &Slot<Self::Policy>) -> actix_web::Route;
}

#[diagnostic::do_not_recommend]
impl<R, H, T> Mount<H, T> for Guard<R>
where
    R: Guarded,
    H: Handler<T>,
    H::Output: Responder + 'static,
    T: FromRequest + 'static,
{
    fn mount(route: actix_web::Route, handler: H, slot: &Slot<R::Policy>) -> actix_web::Route {
        let slot = slot.clone();
        route.service(fn_service(move |request: ServiceRequest| {
            let (handler, slot) = (handler.clone(), slot.clone());
            async move { Ok::<_, actix_web::Error>(call::<R, _, _>(request, handler, slot).await) }
        }))
    }
}

/// A public handler is mounted as it is: nobody reads its caller's token.
#[diagnostic::do_not_recommend]
impl<R, H, T> Mount<H, T> for Open<R>
where
    R: OpenToAll,
    H: Handler<T>,
    H::Output: Responder + 'static,
    T: FromRequest + 'static,
{
    fn mount(route: actix_web::Route, handler: H, _: &Slot<R::Policy>) -> actix_web::Route {
        route.to(handler)
    }
}

/// One call of a guarded handler: the check, then the extractors, then the function.
async fn call<R, H, T>(
    request: ServiceRequest,
    handler: H,
    slot: Slot<R::Policy>,
) -> ServiceResponse
where
    R: Guarded,
    H: Handler<T>,
    H::Output: Responder + 'static,
    T: FromRequest,
{
    let (request, mut payload) = request.into_parts();
    let response = match admit::<R>(&request, &slot).await {
        Err(denied) => denied.error_response(),
        Ok(guard) => {
            request.extensions_mut().insert(guard);
            match T::from_request(&request, &mut payload).await {
                Ok(arguments) => {
                    let answer = handler.call(arguments).await;
                    answer.respond_to(&request).map_into_boxed_body()
                }
                Err(error) => HttpResponse::from_error(error),
            }
        }
    };
    ServiceResponse::new(request, response)
}

/// Who is asking, and whether that is enough. The identity stays in the extensions of the request.
async fn admit<R: Guarded>(
    request: &HttpRequest,
    slot: &Slot<R::Policy>,
) -> Result<Guard<R>, Denied> {
    // An identity is made by a verifier or vouched for under `danger`; whether this gate takes it is said by
    // its own verifier.
    let known = slot.known(request.extensions().get::<Identity<R::Policy>>());
    let found = match known {
        Known::Unchanged => None,
        Known::Changed(identity) => Some(Ok(identity)),
        Known::Refused(denied) => Some(Err(denied)),
        Known::Nobody => {
            let head = head_of::<R>(slot.log(), request)?;
            Some(match slot.authenticate(head.borrowed()) {
                Asked::Answered(answer) => answer,
                Asked::Waiting(verifier) => verifier.authenticate(head.borrowed()).await,
            })
        }
    };
    let found = found.transpose().map_err(|denied| refused::<R>(slot.log(), request, denied))?;
    if let Some(identity) = found {
        request.extensions_mut().insert(identity);
    }
    check(request)
}
