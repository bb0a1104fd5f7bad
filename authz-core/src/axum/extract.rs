//! The first argument of a handler: `Guard` decides, `Open` lets everybody pass.

use std::convert::Infallible;
use std::future::{Future, ready};

use axum::extract::{FromRequestParts, MatchedPath};
use http::request::Parts;

use crate::audit::{self, Place};
use crate::denied::Denied;
use crate::guard::{Guard, Guarded, Open, OpenToAll};
use crate::identity::Identity;

/// Checks the identity in the extensions of the request against the requirement of `R`.
///
/// The decision is here, not in the router: a guarded handler on a router of axum's own denies too,
/// with 401 as long as no middleware puts an [`Identity`] into the extensions.
impl<R: Guarded, S: Sync> FromRequestParts<S> for Guard<R> {
    type Rejection = Denied;

    #[inline]
    fn from_request_parts(
        parts: &mut Parts,
        _state: &S,
    ) -> impl Future<Output = Result<Self, Denied>> + Send {
        ready(match parts.extensions.get::<Identity<R::Policy>>() {
            Some(identity) => identity.clone().into_guard_at(|| place(parts)),
            None => Err(nobody::<R>(parts)),
        })
    }
}

#[cold]
fn nobody<R: Guarded>(parts: &Parts) -> Denied {
    let denied = Denied::no_credentials();
    // Without a gate in front there is no verifier, and so nothing that knows a log.
    audit::unknown::<R>(None, &denied, || place(parts));
    denied
}

fn place(parts: &Parts) -> Place {
    let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    Place::new(&parts.method, route, &parts.headers)
}

/// Always there: a public function asks nothing.
impl<R: OpenToAll, S: Sync> FromRequestParts<S> for Open<R> {
    type Rejection = Infallible;

    #[inline]
    fn from_request_parts(
        _parts: &mut Parts,
        _state: &S,
    ) -> impl Future<Output = Result<Self, Infallible>> + Send {
        ready(Ok(Self::new()))
    }
}
