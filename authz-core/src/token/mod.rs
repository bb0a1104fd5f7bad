//! From a bearer token to a verified identity.

mod error;
mod verifier;

pub use error::TokenError;
pub use verifier::Verifier;

/// The `realm` of a challenge unless the verifier has its own (RFC 6750 section 3).
pub(crate) const DEFAULT_REALM: &str = "api";
