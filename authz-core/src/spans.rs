//! Spans around what takes time: work that a request causes, what it waits for, and what is fetched
//! beside it. `RELIABILITY.md` lists them.
//!
//! A request with a remembered token makes none. A span that no subscriber asks for costs a look at one
//! number. No field has a byte of a token, and none a claim.

use tracing::Span;
use tracing::field::Empty;

/// A token that is verified from the beginning.
pub(crate) fn verify() -> Span {
    tracing::debug_span!(target: "authz::token", "verify", result = Empty)
}

/// Authenticators that are asked who sends a request.
pub(crate) fn authenticate() -> Span {
    tracing::debug_span!(target: "authz::token", "authenticate")
}

/// A look whether a proof was used before.
pub(crate) fn first_use() -> Span {
    tracing::debug_span!(target: "authz::dpop", "first_use")
}

/// A request that waits for a key.
pub(crate) fn wait_for_keys() -> Span {
    tracing::debug_span!(target: "authz::keys", "wait_for_keys")
}

/// A fetch of an issuer's keys, with its metadata or without.
#[cfg(feature = "remote")]
pub(crate) fn fetch_keys(issuer: &str, metadata: bool) -> Span {
    tracing::info_span!(target: "authz::keys", "fetch_keys", issuer, metadata, result = Empty)
}

/// A question to an issuer about an opaque token.
#[cfg(feature = "remote")]
pub(crate) fn introspect(issuer: &str) -> Span {
    tracing::debug_span!(target: "authz::introspection", "introspect", issuer, result = Empty)
}
