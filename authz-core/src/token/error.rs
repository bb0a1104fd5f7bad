//! Why a token is refused. For the log: the caller learns only that the token is not valid.
//!
//! Absent on purpose: a byte of the token. Names of claims come from the configuration.

use std::fmt;

/// Why a token was refused.
///
/// One variant for each kind of failure, so that a log can tell an attack from a clock that is
/// wrong. None holds a byte of the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than the verifier reads.
    #[error("the token has {length} bytes; the limit is {limit}")]
    TooLong {
        /// Bytes of the token.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not three parts with a dot between them, or one of them is empty (RFC 7515 section 7.1).
    ///
    /// An encrypted token (JWE) has five parts and is refused here.
    #[error("the token is not in the compact form")]
    Format,
    /// A character outside of the base64url alphabet and the dot.
    #[error("the token has a character that no compact token has")]
    Character,
    /// A part is not canonical base64url: padding, an impossible length, or stray bits at the end.
    #[error("the {part} is not canonical base64url")]
    Base64 {
        /// The part at fault.
        part: Part,
    },
    /// A part is not UTF-8.
    #[error("the {part} is not UTF-8")]
    Utf8 {
        /// The part at fault.
        part: Part,
    },
    /// A part is not one JSON object.
    #[error("the {part} is not a JSON object: {fault}")]
    Json {
        /// The part at fault.
        part: Part,
        /// What is wrong with it.
        fault: JsonFault,
    },
    /// The header names no algorithm, or names it by something else than a string.
    #[error("the header has no `alg` that is a string")]
    AlgorithmMissing,
    /// The algorithm is `none`, or one that no key can have.
    #[error("the header names an algorithm that is not supported")]
    AlgorithmUnsupported,
    /// The algorithm is not the one of the key.
    #[error("the header names another algorithm than the key has")]
    AlgorithmMismatch,
    /// The header asks for something that is not understood: `crit`, `b64`, `zip` or `enc`.
    #[error("the header has `{member}`, which is not supported")]
    HeaderUnsupported {
        /// The name of the member.
        member: &'static str,
    },
    /// A member of the header is not a string.
    #[error("the header's `{member}` is not a string")]
    HeaderType {
        /// The name of the member.
        member: &'static str,
    },
    /// The key id is longer than any that a key can have.
    #[error("the header's `kid` is too long")]
    KeyIdTooLong,
    /// No key has the key id, or no key has the algorithm.
    #[error("no key fits the header's `kid` and `alg`")]
    UnknownKey,
    /// The header does not say which of several keys it means.
    #[error("several keys fit the header")]
    AmbiguousKey,
    /// The signature does not belong to the token and the key.
    #[error("the signature does not verify")]
    Signature,
    /// The header's `typ` is not that of an access token (RFC 9068 section 4).
    #[error("the header's `typ` is not that of an access token")]
    TokenType,
    /// A claim shows that this is a token of another kind, such as an ID token.
    #[error("the claim `{claim}` shows that this is no access token")]
    NotAnAccessToken {
        /// The name of the claim.
        claim: Box<str>,
    },
    /// No configured issuer has this `iss`.
    #[error("the issuer is not one of those configured")]
    UnknownIssuer,
    /// A claim that the issuer's profile requires is absent.
    #[error("the claim `{claim}` is missing")]
    MissingClaim {
        /// The name of the claim.
        claim: Box<str>,
    },
    /// A claim is there, but of another type.
    #[error("the claim `{claim}` is not {expected}")]
    ClaimType {
        /// The name of the claim.
        claim: Box<str>,
        /// What it has to be.
        expected: &'static str,
    },
    /// The token is for somebody else.
    #[error("the token is meant for another audience")]
    Audience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `iat` lies in the future.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// Issued longer ago than the verifier accepts.
    #[error("the token is older than the verifier accepts")]
    TooOld,
    /// The token gives its subject two roles that exclude each other: static separation of duty
    /// (ANSI INCITS 359).
    #[error("the subject holds the roles `{left}` and `{right}`, which exclude each other")]
    ExclusiveRoles {
        /// The wire name of one of the roles.
        left: &'static str,
        /// The wire name of the other.
        right: &'static str,
    },
    /// The token is bound to a key that its sender would have to prove (`cnf`): it is refused as a
    /// bearer token (RFC 9449 section 7.2, RFC 8705 section 3).
    ///
    /// So it is where it comes without a request (`Verifier::verify`), and for a verifier without
    /// `dpop` or `mutual_tls`.
    #[error("the token is bound to its sender by `cnf` and can't be used as a bearer token")]
    SenderConstrained,
    /// `cnf` asks for a proof that is not understood, or for none.
    #[error("the claim `cnf` has something else than `jkt` and `x5t#S256`")]
    Confirmation,
    /// The token came with the scheme `DPoP` and is not bound to a key (RFC 9449 section 7.1).
    #[error("the token came with the scheme `DPoP` and is not bound to a key by `cnf`")]
    NotBoundToKey,
    /// The client has no certificate, or another than the token is bound to (RFC 8705 section 3).
    #[error("the client didn't come with the certificate that the token is bound to")]
    ClientCertificate,
    /// The token, its session, or everything its subject was given until then is revoked.
    #[error("the token is revoked")]
    Revoked,
    /// The issuer says that an opaque token is not active (RFC 7662 section 2.2).
    #[error("the issuer says that the token is not active")]
    NotActive,
    /// The token lives longer than revocations are remembered, or an opaque one does not tell for how
    /// long it lives.
    #[error(
        "the token lives longer than revocations are remembered, which is {limit} s, \
         or lacks `iat` or `exp`: have the issuer shorten it or add them, or use `Revocations::remembering_for`"
    )]
    LivesTooLong {
        /// The longest lifetime, in seconds.
        limit: u64,
    },
    /// Whether the token is valid could not be found out: something that has to be asked does not
    /// answer. This is 503, and no statement about the token.
    #[error("{backend} can't be reached, so nothing is known about the token")]
    Unavailable {
        /// What does not answer.
        backend: &'static str,
    },
}

/// A part of a compact token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The JOSE header.
    Header,
    /// The claims.
    Payload,
    /// The signature.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// What is wrong with a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonFault {
    /// Not in the grammar of RFC 8259, or cut off.
    Syntax,
    /// Something else than an object.
    NotAnObject,
    /// Bytes after the object.
    Trailing,
    /// A string with an escape that stands for no character.
    Escape,
    /// One name twice in one object (RFC 7515 section 4, RFC 7519 section 4).
    Duplicate,
    /// Nested deeper than 16 levels.
    Depth,
    /// An object with more than 128 members.
    Members,
    /// A number that is beyond what a double can hold (RFC 8259 section 6).
    Range,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "syntax error",
            Self::NotAnObject => "not an object",
            Self::Trailing => "bytes after the object",
            Self::Escape => "an escape that stands for no character",
            Self::Duplicate => "one name twice in one object",
            Self::Depth => "nested deeper than 16 levels",
            Self::Members => "more than 128 members in one object",
            Self::Range => "a number out of range",
        })
    }
}

impl TokenError {
    /// Whether a backend failed, so that nothing is known about the token: 503, not 401.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// How the verification ended, in a word for counts.
    pub(crate) fn result(&self) -> &'static str {
        if self.is_unavailable() { "unavailable" } else { "refused" }
    }

    #[cold]
    pub(crate) fn missing(claim: &str) -> Self {
        Self::MissingClaim { claim: claim.into() }
    }

    #[cold]
    pub(crate) fn mistyped(claim: &str, expected: &'static str) -> Self {
        Self::ClaimType { claim: claim.into(), expected }
    }
}
