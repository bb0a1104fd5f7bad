//! From a bearer token to a verified identity.

mod algorithm;
mod builder;
mod cache;
mod claims;
mod compact;
mod config_error;
mod der;
mod error;
mod header;
mod issuer;
mod json;
mod jwk;
mod key;
mod key_error;
mod key_set;
mod keys;
mod logout;
mod mapping;
mod names;
#[cfg(feature = "remote")]
mod remote;
#[cfg(not(feature = "remote"))]
#[path = "remote_absent.rs"]
mod remote;
mod revocation;
#[cfg(test)]
mod tests;
mod verifier;

pub use algorithm::Algorithm;
#[cfg(feature = "remote")]
pub use builder::Fetched;
pub use builder::{Given, VerifierBuilder};
pub use config_error::ConfigError;
pub use error::{JsonFault, Part, TokenError};
pub use issuer::{Issuer, ScopeSource};
pub use key_error::KeyError;
pub use key_set::KeySet;
pub(crate) use keys::Refusal;
pub use logout::{BackChannelLogout, LogoutError};
pub use mapping::ClaimMapping;
#[cfg(feature = "reqwest")]
pub use remote::ReqwestClient;
#[cfg(feature = "remote")]
pub use remote::{
    Answer as FetchAnswer, DiscoveryError, FetchError, HttpClient, Introspection, Limits,
};
#[cfg(feature = "redis")]
pub use revocation::RedisRevocations;
pub use revocation::{Revocation, RevocationError, Revocations};
pub use verifier::Verifier;

/// The `realm` of a challenge unless the verifier has its own (RFC 6750 section 3).
pub(crate) const DEFAULT_REALM: &str = "api";
