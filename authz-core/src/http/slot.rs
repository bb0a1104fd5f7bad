//! The place of a verifier in a route: empty while routes are put together, full when they serve.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::head::RequestHead;
use crate::audit::Log;
use crate::denied::{Cause, Denied};
use crate::identity::Identity;
use crate::policy::Policy;
#[cfg(any(feature = "actix", feature = "axum"))]
use crate::token::Known;
use crate::token::Verifier;

/// The place of the verifier, from the making of a route to `secured_by`.
///
/// INVARIANT: a slot belongs to one router, since nothing that holds one on the way there is `Clone`;
/// so it is filled once.
pub struct Slot<P: Policy>(Arc<OnceLock<Verifier<P>>>);

impl<P: Policy> Slot<P> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(OnceLock::new()))
    }

    pub(crate) fn fill(&self, verifier: Verifier<P>) {
        // A full slot keeps its verifier: the first one said who may pass.
        let _ = self.0.set(verifier);
    }

    /// Where decisions are recorded.
    #[inline]
    pub(crate) fn log(&self) -> Option<&Log> {
        self.0.get()?.log()
    }

    /// Asks the verifier about an identity that is in the request already.
    #[cfg(any(feature = "actix", feature = "axum"))]
    #[inline]
    pub(crate) fn known(&self, identity: Option<&Identity<P>>) -> Known<P> {
        self.0.get().map_or(Known::Nobody, |verifier| verifier.known(identity))
    }

    /// Asks the verifier about an identity in the extensions; `None` where there is nobody.
    #[cfg(feature = "tonic")]
    pub(crate) fn known_in(
        &self,
        extensions: &http::Extensions,
    ) -> Option<Result<Identity<P>, Denied>> {
        self.0.get()?.known_in(extensions)
    }

    pub(crate) fn authenticate(&self, head: RequestHead<'_>) -> Asked<P> {
        match self.0.get() {
            Some(verifier) => match verifier.authenticate_now(head) {
                Some(answer) => Asked::Answered(answer),
                None => Asked::Waiting(verifier.clone()),
            },
            None => Asked::Answered(Err(Denied::new(Cause::Unavailable {
                reason: String::from("the router has no verifier"),
            }))),
        }
    }
}

/// What a verifier said about a request.
pub(crate) enum Asked<P: Policy> {
    Answered(Result<Identity<P>, Denied>),
    /// Somebody else is to be asked, and may take time.
    Waiting(Verifier<P>),
}

impl<P: Policy> Clone for Slot<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Policy> fmt::Debug for Slot<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.0.get().is_some() { "full" } else { "empty" };
        write!(f, "Slot({state})")
    }
}
