//! From a bearer token to a verified identity.

mod acceptance;
mod algorithm;
mod builder;
mod cache;
mod certificate;
mod claims;
mod common_factor;
mod compact;
mod config_error;
mod confirmation;
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
mod modulus;
mod names;
mod proof;
#[cfg(feature = "remote")]
mod remote;
#[cfg(not(feature = "remote"))]
#[path = "remote_absent.rs"]
mod remote;
mod revocation;
#[cfg(test)]
mod tests;
mod unproven;
mod verifier;

#[cfg(any(feature = "actix", feature = "axum"))]
pub(crate) use acceptance::Known;
pub(crate) use acceptance::Taken;
pub use algorithm::Algorithm;
#[cfg(feature = "remote")]
pub use builder::Fetched;
pub use builder::{Given, VerifierBuilder};
pub use certificate::ClientCertificate;
pub use config_error::ConfigError;
pub(crate) use confirmation::Confirmation;
pub use error::{JsonFault, Part, TokenError};
pub use issuer::{Issuer, ScopeSource};
pub use key_error::KeyError;
pub use key_set::KeySet;
pub(crate) use keys::Refusal;
pub use logout::{BackChannelLogout, LogoutError};
pub use mapping::ClaimMapping;
pub(crate) use proof::ALGORITHMS as PROOF_ALGORITHMS;
#[cfg(feature = "redis")]
pub use proof::RedisReplayStore;
pub use proof::{
    Dpop, FirstUse, MemoryReplayStore, ProofError, ProofId, ReplayStore, ReplayStoreError,
};
#[cfg(feature = "reqwest")]
pub use remote::ReqwestClient;
#[cfg(feature = "remote")]
pub use remote::{
    Answer as FetchAnswer, DiscoveryError, FetchError, HttpClient, Introspection, Limits,
};
#[cfg(feature = "redis")]
pub use revocation::RedisRevocations;
pub use revocation::{Revocation, RevocationError, Revocations};
pub(crate) use unproven::{Unproved, Unproven};
pub use verifier::Verifier;

/// The `realm` of a challenge unless the verifier has its own (RFC 6750 section 3).
pub(crate) const DEFAULT_REALM: &str = "api";
