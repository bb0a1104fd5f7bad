//! What can go wrong, in words for whoever is asking.
//!
//! INVARIANT: `Display` is safe to show. Why a backend failed is in `source`, and why credentials
//! are refused is in the audit trail alone.

use std::time::Duration;

use authz_core::Denied;

use crate::name::NameFault;
use crate::password::PasswordFault;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name, the password or the code is wrong, or there is no such account, or it is locked:
    /// the same for each of them.
    #[error("the name or the credentials are wrong")]
    Refused,
    /// Too many failed attempts from here, where the wait grows with each further one; or too many
    /// new accounts.
    #[error("too many attempts; try again in {} seconds", retry_after.as_secs())]
    Throttled {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The new password is not good enough.
    #[error("{0}")]
    Password(#[from] PasswordFault),
    /// The name can't be one.
    #[error("{0}")]
    Name(#[from] NameFault),
    /// Another account has this name.
    #[error("the name is taken")]
    NameTaken,
    /// What was asked for is not there, or belongs to somebody else.
    #[error("there is no such {what}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// What was asked for contradicts something that is there.
    #[error("{0}")]
    Conflict(&'static str),
    /// What was asked for is not allowed to this caller.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// The guard of the caller says no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A backend failed, or has too much to do; nothing was done.
    #[error("accounts can't be reached right now")]
    Unavailable {
        /// Why, for the log.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    pub(crate) fn unavailable(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable { source: reason.into() }
    }

    /// Whether a backend failed: 503, and nothing is known about the caller.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// The status of an answer that says this (RFC 9110 section 15, RFC 6585 section 4).
    #[must_use]
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::Refused => StatusCode::UNAUTHORIZED,
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Password(_) | Self::Name(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NameTaken | Self::Conflict(_) => StatusCode::CONFLICT,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::NotAllowed(_) => StatusCode::FORBIDDEN,
            Self::Denied(denied) => denied.status(),
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::unavailable(error)
    }
}
