//! Sources of identities beside access tokens: sessions, API keys, whatever a service has.
//!
//! Absent on purpose: a way to pass somebody without an identity, and `Denied` made by a source. A
//! source tells what it found; the verifier, which knows the realm, makes the answer.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::denied::{Cause, Denied, Realm};
use crate::http::RequestHead;
use crate::identity::Identity;
use crate::policy::Policy;

/// What an [`Authenticator`] answers, later.
pub type Authentication<'a, P> =
    Pin<Box<dyn Future<Output = Result<Option<Identity<P>>, Refusal>> + Send + 'a>>;

/// Finds out who sends a request, by credentials of its own kind.
///
/// A [`Verifier`](crate::token::Verifier) asks it in front of guarded handlers:
/// [`Verifier::of`](crate::token::Verifier::of) and
/// [`Verifier::after`](crate::token::Verifier::after). It makes identities with
/// [`danger::Vouched`](crate::danger::Vouched), or gets them from other verifiers. The verifier that asks it
/// refuses those whose end has passed, and settles whether they are of its home issuer.
///
/// # Examples
///
/// A service behind a gateway whose requests carry a secret shared by the two:
///
/// ```
/// use authz_core::danger::Vouched;
/// use authz_core::http::RequestHead;
/// use authz_core::token::Verifier;
/// use authz_core::{Authentication, Authenticator, Policy, Refusal};
///
/// struct Gateway {
///     secret: [u8; 32],
/// }
///
/// impl<P: Policy> Authenticator<P> for Gateway {
///     fn authenticate<'a>(&'a self, head: RequestHead<'a>) -> Authentication<'a, P> {
///         Box::pin(async move {
///             let Some(secret) = head.headers().get("gateway-secret") else {
///                 return Ok(None);
///             };
///             if !is_equal(secret.as_bytes(), &self.secret) {
///                 return Err(Refusal::invalid("another secret than the gateway's"));
///             }
///             let expires_at = u64::MAX;
///             Ok(Some(Vouched::new("gateway", "gateway", expires_at).build()))
///         })
///     }
/// }
///
/// fn verifier<P: Policy>(tokens: Verifier<P>, secret: [u8; 32]) -> Verifier<P> {
///     tokens.after(Gateway { secret })
/// }
/// # /// In constant time.
/// # fn is_equal(left: &[u8], right: &[u8]) -> bool {
/// #     left.len() == right.len()
/// #         && left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
/// # }
/// ```
pub trait Authenticator<P: Policy>: Send + Sync + 'static {
    /// The identity behind the request; `None` if it has no credentials of this kind, so that the
    /// next one is asked.
    ///
    /// # Errors
    ///
    /// [`Refusal`], where there are credentials of this kind that are not good, or nobody can tell.
    /// Nobody else is asked then.
    fn authenticate<'a>(&'a self, head: RequestHead<'a>) -> Authentication<'a, P>;
}

/// Why an [`Authenticator`] lets nobody in.
///
/// The reason goes to the log. The caller is told no more than the kind.
#[derive(Clone)]
pub struct Refusal {
    kind: Kind,
    reason: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Malformed,
    Invalid,
    CrossSite,
    Unavailable,
}

impl Refusal {
    /// The credentials can't be read: 400, `invalid_request` (RFC 6750 section 3.1).
    #[must_use]
    pub fn malformed(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Malformed, reason: reason.into() }
    }

    /// The credentials are not good: 401, `invalid_token` (RFC 6750 section 3.1), with the same
    /// bytes as for an access token that is not valid.
    #[must_use]
    pub fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Invalid, reason: reason.into() }
    }

    /// The credentials are good, but another site made the browser send them: 403.
    #[must_use]
    pub fn cross_site(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::CrossSite, reason: reason.into() }
    }

    /// Whether the credentials are good can't be found out now: 503.
    #[must_use]
    pub fn unavailable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Unavailable, reason: reason.into() }
    }

    /// Whether the answer is 503: nothing is known about the credentials.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable)
    }

    /// The reason, for the log.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    #[cold]
    pub(crate) fn denied(self, realm: &Realm) -> Denied {
        let realm = realm.clone();
        Denied::new(match self.kind {
            Kind::Malformed => Cause::Malformed { realm, reason: self.reason },
            Kind::Invalid => Cause::Refused { realm, reason: self.reason },
            Kind::CrossSite => Cause::CrossSite { reason: self.reason },
            Kind::Unavailable => Cause::Unavailable { reason: self.reason.into_owned() },
        })
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:?})", self.kind, self.reason)
    }
}

/// Authenticators in the order in which they are asked.
pub(crate) struct Chain<P: Policy> {
    first: Box<dyn Authenticator<P>>,
    rest: Option<Arc<Self>>,
}

impl<P: Policy> Chain<P> {
    pub(crate) fn new(first: impl Authenticator<P>, rest: Option<Arc<Self>>) -> Arc<Self> {
        Arc::new(Self { first: Box::new(first), rest })
    }

    pub(crate) async fn authenticate(
        &self,
        head: RequestHead<'_>,
    ) -> Result<Option<Identity<P>>, Refusal> {
        let mut next = Some(self);
        while let Some(link) = next {
            if let Some(identity) = link.first.authenticate(head).await? {
                return Ok(Some(identity));
            }
            next = link.rest.as_deref();
        }
        Ok(None)
    }
}
