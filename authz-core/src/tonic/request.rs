//! What a request of tonic tells about its caller: who was let in, and for what.

use tonic::Request;

use crate::__private::CarriesIdentity;
use crate::audit::{self, Place};
use crate::denied::Denied;
use crate::guard::Guarded;
use crate::identity::Identity;
use crate::policy::Policy;
use crate::registry::Function;

/// The caller of a method.
pub trait RequestExt {
    /// Who was let in by the gate of [`Routes`](super::Routes).
    ///
    /// # Errors
    ///
    /// Where nobody was asked for: the method is `#[public(…)]`, or the service is not behind a gate
    /// of this policy.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::Policy;
    /// use authz_core::tonic::RequestExt as _;
    /// use tonic::{Request, Status};
    ///
    /// fn name<P: Policy>(request: &Request<()>) -> Result<String, Status> {
    ///     Ok(request.identity::<P>()?.subject().to_owned())
    /// }
    /// ```
    fn identity<P: Policy>(&self) -> Result<&Identity<P>, Denied>;
}

impl<T> RequestExt for Request<T> {
    fn identity<P: Policy>(&self) -> Result<&Identity<P>, Denied> {
        self.extensions().get().ok_or_else(Denied::no_credentials)
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy, T> CarriesIdentity<P> for Request<T> {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        RequestExt::identity(self).cloned()
    }
}

/// The note of a gate that a request was let in to this function.
///
/// It keeps the second check out of the log, where the first one is; it is no proof.
#[derive(Clone, Copy)]
pub(super) struct Admitted(&'static Function);

impl Admitted {
    pub(super) fn to(function: &'static Function) -> Self {
        Self(function)
    }
}

/// The check inside the method that `R` stands for.
///
/// # Errors
///
/// Denied where the request has no identity, or it lacks something.
#[doc(hidden)]
pub fn check<R: Guarded, T>(request: &Request<T>) -> Result<(), Denied> {
    let identity = RequestExt::identity::<R::Policy>(request)
        .inspect_err(|denied| audit::unknown::<R>(None, denied, Place::nowhere))?;
    let admitted = request.extensions().get::<Admitted>();
    if admitted.is_some_and(|it| std::ptr::eq(it.0, R::FUNCTION)) && R::permits(identity) {
        return Ok(());
    }
    identity.authorize::<R>().map(drop)
}
