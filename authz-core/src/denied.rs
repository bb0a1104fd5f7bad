//! A refusal with two faces: outward what the caller needs to do better, inward why.
//!
//! INVARIANT: [`Display`](fmt::Display) and everything in [`http`](crate::http) show the outward
//! face alone. The inward face is [`Denied::detail`] and goes to the log.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode};

use crate::requirement::Missing;
use crate::token::{ProofError, TokenError};

/// The reason, for the log, to refuse an identity after its end.
pub(crate) const ENDED: &str = "the credentials of the identity have ended";

/// The answer to somebody who may not.
///
/// `Display` is safe to show to the caller; [`detail`](Self::detail) is for the log. With the
/// features `axum` and `actix` it is a response: status, challenge and problem body; with `tonic` it
/// becomes a status of gRPC. An error type of the application takes it in through `From<Denied>` and
/// gets the same parts from [`status`](Self::status), [`challenge`](Self::challenge) and [`problem`](Self::problem).
///
/// # Examples
///
/// ```
/// use authz_core::Denied;
///
/// enum ShopError {
///     Denied(Denied),
///     OutOfStock,
/// }
///
/// impl From<Denied> for ShopError {
///     fn from(denied: Denied) -> Self {
///         Self::Denied(denied)
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Denied {
    cause: Arc<Cause>,
}

/// Why a request was denied.
#[derive(Debug)]
pub(crate) enum Cause {
    /// The request came without credentials.
    NoCredentials { realm: Realm },
    /// The request names its credentials in a way that can't be read.
    Malformed { realm: Realm, reason: Cow<'static, str> },
    /// The token is not to be trusted.
    InvalidToken { realm: Realm, scheme: Scheme, reason: TokenError },
    /// The sender of the token did not prove that it is the one that the token is bound to.
    InvalidProof { realm: Realm, reason: ProofError },
    /// The proof has to have this nonce.
    NonceWanted { realm: Realm, nonce: HeaderValue },
    /// Credentials of another kind are not to be trusted; outwards the same as a token.
    Refused { realm: Realm, reason: Cow<'static, str> },
    /// The browser was made to send its credentials by another site.
    CrossSite { reason: Cow<'static, str> },
    /// The identity lacks something.
    Lacking(Missing),
    /// The source of the request has failed too often, and has to wait for so many seconds.
    #[cfg_attr(not(any(feature = "limit", test)), expect(dead_code, reason = "nothing is limited"))]
    TooManyFailures { seconds: u64 },
    /// Whether to allow could not be found out.
    Unavailable { reason: String },
}

/// What a verifier says about itself in challenges.
#[derive(Clone, Debug)]
pub(crate) struct Realm {
    name: Arc<str>,
    dpop: bool,
    metadata: Option<Arc<str>>,
}

impl Realm {
    pub(crate) fn new(name: &str, dpop: bool) -> Self {
        Self { name: name.into(), dpop, metadata: None }
    }

    /// With the address of the service's metadata.
    pub(crate) fn described_at(mut self, metadata: Option<&str>) -> Self {
        self.metadata = metadata.map(Arc::from);
        self
    }

    /// The `realm` (RFC 9110 section 11.5).
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where the service tells whose tokens it takes (RFC 9728 section 5.1).
    pub(crate) fn metadata(&self) -> Option<&str> {
        self.metadata.as_deref()
    }

    /// Whether the scheme `DPoP` is offered beside `Bearer`.
    pub(crate) fn offers_dpop(&self) -> bool {
        self.dpop
    }
}

/// How a token was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RFC 6750.
    Bearer,
    /// RFC 9449 section 7.1.
    Dpop,
}

impl Denied {
    pub(crate) fn new(cause: Cause) -> Self {
        Self { cause: Arc::new(cause) }
    }

    /// No credentials, outside of a request.
    pub(crate) fn no_credentials() -> Self {
        Self::new(Cause::NoCredentials { realm: Realm::new(crate::token::DEFAULT_REALM, false) })
    }

    /// Credentials that have ended, outside of a verifier.
    pub(crate) fn ended() -> Self {
        let realm = Realm::new(crate::token::DEFAULT_REALM, false);
        Self::new(Cause::Refused { realm, reason: ENDED.into() })
    }

    /// A request that can't be read, outside of a verifier.
    #[cfg(feature = "actix")]
    pub(crate) fn malformed(reason: impl Into<Cow<'static, str>>) -> Self {
        let realm = Realm::new(crate::token::DEFAULT_REALM, false);
        Self::new(Cause::Malformed { realm, reason: reason.into() })
    }

    pub(crate) fn lacking(missing: Missing) -> Self {
        Self::new(Cause::Lacking(missing))
    }

    pub(crate) fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The HTTP status: 400, 401, 403, 429 or 503 (RFC 6750 section 3.1, RFC 9449 section 7.1, RFC
    /// 9470 section 3, RFC 6585 section 4).
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &*self.cause {
            Cause::NoCredentials { .. }
            | Cause::InvalidToken { .. }
            | Cause::InvalidProof { .. }
            | Cause::NonceWanted { .. }
            | Cause::Refused { .. } => StatusCode::UNAUTHORIZED,
            Cause::Malformed { .. } => StatusCode::BAD_REQUEST,
            Cause::Lacking(missing) if missing.is_stepping_up() || missing.is_binding() => {
                StatusCode::UNAUTHORIZED
            }
            Cause::Lacking(_) | Cause::CrossSite { .. } => StatusCode::FORBIDDEN,
            Cause::TooManyFailures { .. } => StatusCode::TOO_MANY_REQUESTS,
            Cause::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The outward face in one sentence: the text of `Display`, of the challenge and of the problem.
    ///
    /// INVARIANT: fixed ASCII text without quotes and backslashes, the same for every token that is
    /// not valid (RFC 6750 section 3 limits the characters of `error_description`).
    pub(crate) fn sentence(&self) -> &'static str {
        match &*self.cause {
            Cause::NoCredentials { .. } => "authentication is required",
            Cause::Malformed { .. } => "the credentials of the request could not be read",
            Cause::InvalidToken { .. } | Cause::Refused { .. } => "the access token is not valid",
            Cause::InvalidProof { .. } => "the DPoP proof is not valid",
            Cause::NonceWanted { .. } => "the DPoP proof has to have the nonce of this answer",
            Cause::CrossSite { .. } => "the request was made by another site",
            Cause::Lacking(missing) if missing.is_stepping_up() => stepping_up(missing),
            Cause::Lacking(missing) if missing.is_binding() => {
                "an access token that is bound to its sender is required"
            }
            Cause::Lacking(_) => "the access token does not allow this",
            Cause::TooManyFailures { .. } => "too many attempts have failed",
            Cause::Unavailable { .. } => "access can't be decided right now",
        }
    }

    /// What the identity lacks, where there is an identity.
    #[must_use]
    pub fn missing(&self) -> Option<&Missing> {
        match &*self.cause {
            Cause::Lacking(missing) => Some(missing),
            _ => None,
        }
    }

    /// Whether a backend failed, so that nothing is known about the caller: 503, not 403.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(&*self.cause, Cause::Unavailable { .. })
    }

    /// The value of the header field `DPoP-Nonce`, for an answer that asks for a nonce in the proof
    /// (RFC 9449 section 9).
    #[must_use]
    pub fn dpop_nonce(&self) -> Option<&HeaderValue> {
        match &*self.cause {
            Cause::NonceWanted { nonce, .. } => Some(nonce),
            _ => None,
        }
    }

    /// How long to wait before the next request, in whole seconds: the value of the header field
    /// `Retry-After`, for an answer of 429 (RFC 6585 section 4).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match &*self.cause {
            Cause::TooManyFailures { seconds } => Some(Duration::from_secs(*seconds)),
            _ => None,
        }
    }

    /// The inward face: the reason in full, for the log and never for the caller.
    #[must_use]
    pub fn detail(&self) -> impl fmt::Display + '_ {
        Detail(&self.cause)
    }

    /// The outcome in one word, for logs and metrics.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match &*self.cause {
            Cause::NoCredentials { .. } => "no_credentials",
            Cause::Malformed { .. } => "invalid_request",
            Cause::InvalidToken { .. } | Cause::Refused { .. } => "invalid_token",
            Cause::InvalidProof { .. } => "invalid_dpop_proof",
            Cause::NonceWanted { .. } => "use_dpop_nonce",
            Cause::CrossSite { .. } => "cross_site",
            Cause::Lacking(missing) if missing.is_stepping_up() => {
                "insufficient_user_authentication"
            }
            Cause::Lacking(missing) if missing.is_binding() => "not_bound",
            Cause::Lacking(_) => "insufficient_scope",
            Cause::TooManyFailures { .. } => "too_many_failures",
            Cause::Unavailable { .. } => "unavailable",
        }
    }
}

/// The outward face in one sentence.
impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// What kind of log-in would do, in one sentence.
fn stepping_up(missing: &Missing) -> &'static str {
    let stronger = !missing.acr.is_empty();
    match (stronger, missing.mfa, missing.max_age.is_some()) {
        (false, false, _) => "a more recent authentication is required",
        (false, true, false) => "a further authentication factor is required",
        (false, true, true) => "a more recent authentication with a further factor is required",
        (true, false, false) => "a stronger authentication is required",
        (true, false, true) => "a stronger and more recent authentication is required",
        (true, true, false) => "a stronger authentication with a further factor is required",
        (true, true, true) => {
            "a stronger and more recent authentication with a further factor is required"
        }
    }
}

impl fmt::Debug for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Denied").field(&self.cause).finish()
    }
}

impl std::error::Error for Denied {}

struct Detail<'a>(&'a Cause);

impl fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::NoCredentials { .. } => f.write_str("no credentials"),
            Cause::InvalidToken { reason, .. } => write!(f, "{reason}"),
            Cause::InvalidProof { reason, .. } => write!(f, "{reason}"),
            Cause::NonceWanted { .. } => write!(f, "{}", ProofError::Nonce),
            Cause::Malformed { reason, .. }
            | Cause::Refused { reason, .. }
            | Cause::CrossSite { reason } => f.write_str(reason),
            Cause::Lacking(missing) => write!(f, "lacking {missing}"),
            Cause::TooManyFailures { seconds } => {
                write!(f, "too many failures of one source, which waits for {seconds} s")
            }
            Cause::Unavailable { reason } => f.write_str(reason),
        }
    }
}
