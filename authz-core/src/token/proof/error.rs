//! Why a proof of DPoP is refused. For the log: the caller learns only that it is not valid.

use super::super::error::TokenError;
use super::super::key_error::KeyError;

/// Why a DPoP proof was refused (RFC 9449 section 4.3).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// No header field `DPoP`.
    #[error("the request has no `DPoP` header")]
    Missing,
    /// More than one header field `DPoP`, of which one could be somebody else's.
    #[error("the request has more than one `DPoP` header")]
    Several,
    /// Not a JWT that can be read, a claim that is absent or of another type, or a signature that is
    /// not one of the key.
    #[error("the DPoP proof: {0}")]
    Token(#[from] TokenError),
    /// `typ` is not `dpop+jwt`.
    #[error("the DPoP proof's `typ` is not `dpop+jwt`")]
    Type,
    /// `alg` is that of a shared secret.
    #[error("the DPoP proof's `alg` is not that of a key pair")]
    Symmetric,
    /// No `jwk` that is an object.
    #[error("the DPoP proof's header has no `jwk` that is an object")]
    NoKey,
    /// The `jwk` is no public key for `alg`, or a private one.
    #[error("the DPoP proof: {0}")]
    Key(KeyError),
    /// The proof was made with another key than the token is bound to.
    #[error("the DPoP proof was made with another key than the token is bound to")]
    OtherKey,
    /// `htm` is another method.
    #[error("the DPoP proof is for another method")]
    Method,
    /// `htu` is another address.
    #[error("the DPoP proof is for another address, or `Dpop::new` has another one than clients")]
    Address,
    /// `ath` is the hash of another token.
    #[error("the DPoP proof is for another token")]
    TokenHash,
    /// `iat` lies too far back.
    #[error("the DPoP proof was made too long ago")]
    TooOld,
    /// `iat` lies in the future.
    #[error("the DPoP proof was made in the future")]
    InFuture,
    /// `jti` is empty.
    #[error("the DPoP proof's `jti` is empty")]
    NoId,
    /// No `nonce` of this service, or one that is no longer good.
    #[error("the DPoP proof has no nonce of this service that is still good")]
    Nonce,
    /// The proof was used before.
    #[error("the DPoP proof was used before")]
    Replayed,
    /// Whether the proof was used before could not be found out. This is 503, and no statement about
    /// the proof.
    #[error("the replay store can't tell whether a DPoP proof was used before: {reason}")]
    Unavailable {
        /// What the store says.
        reason: Box<str>,
    },
}
