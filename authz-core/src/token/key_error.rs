//! Why a key or a set of keys is refused. Each message names the field and the remedy.
//!
//! Absent on purpose: the material of a key.

use super::algorithm::Algorithm;
use super::error::JsonFault;

/// Why a key or a set of keys was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not an algorithm that a key can have.
    #[error(
        "unknown algorithm `{name}`; expected one of HS256, HS384, HS512, RS256, RS384, RS512, \
         PS256, PS384, PS512, ES256, ES384, EdDSA"
    )]
    UnknownAlgorithm {
        /// The name as given.
        name: Box<str>,
    },
    /// No algorithm is listed, so no key could be used.
    #[error("no algorithm is listed: name those that the issuer signs with, such as `RS256`")]
    NoAlgorithms,
    /// The text is not a strict JSON object.
    #[error(
        "the key set is not a JSON object: {fault}; expected a JWK set `{{\"keys\":[…]}}` or one JWK"
    )]
    Json {
        /// What is wrong with it.
        fault: JsonFault,
    },
    /// Neither a JWK set nor a JWK.
    #[error(
        "the JSON is neither a JWK set nor a JWK: expected either `keys`, an array of objects, or `kty`"
    )]
    NotAKeySet,
    /// The material of a private key where a public one belongs.
    #[error(
        "{key} has `{member}`, a part of a private key: \
         remove it and publish the public members alone, and replace the key if it was ever shared"
    )]
    PrivateKey {
        /// Which key.
        key: Box<str>,
        /// The member that gives it away.
        member: Box<str>,
    },
    /// A member of a key is absent or malformed.
    #[error("{key}: `{member}` must be {expected}")]
    Member {
        /// Which key.
        key: Box<str>,
        /// The member at fault.
        member: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// A key says it is for an algorithm that is not listed.
    #[error(
        "{key} is for {algorithm}, which is not listed: add it to the algorithms, or remove the key"
    )]
    AlgorithmNotListed {
        /// Which key.
        key: Box<str>,
        /// The key's `alg`.
        algorithm: Algorithm,
    },
    /// A key does not say its algorithm, and several listed ones would do.
    #[error(
        "{key} has no `alg`, and both {first} and {second} would do: \
         list one of them only, or have the issuer publish `alg` (one key has exactly one algorithm)"
    )]
    AlgorithmAmbiguous {
        /// Which key.
        key: Box<str>,
        /// A listed algorithm that would do.
        first: Algorithm,
        /// Another one.
        second: Algorithm,
    },
    /// The key is of another kind than its algorithm needs.
    #[error("{key} can't be used with {algorithm}, which needs {needs}")]
    AlgorithmFamily {
        /// Which key.
        key: Box<str>,
        /// The algorithm.
        algorithm: Algorithm,
        /// The kind of key it needs.
        needs: &'static str,
    },
    /// There is no key that could verify a signature.
    #[error(
        "no key is usable: expected at least one signature key (`use` absent or `sig`) \
         for a listed algorithm"
    )]
    NothingUsable,
    /// Two keys with one key id.
    #[error("two keys have the `kid` `{kid}`: give each its own")]
    DuplicateKeyId {
        /// The key id.
        kid: Box<str>,
    },
    /// A key id that is empty or too long to be looked up.
    #[error("the `kid` of a key must have between 1 and {limit} bytes")]
    KeyIdLength {
        /// Bytes allowed.
        limit: usize,
    },
    /// A key id for a set of several keys.
    #[error("a `kid` can be given to one key only: set it before keys are put together")]
    KeyIdForMany,
    /// A set holds a shared secret beside public keys.
    #[error(
        "the set holds a shared secret (`oct`) beside public keys: \
         a secret doesn't belong in a published set; remove it and replace it"
    )]
    SecretBesidePublicKeys,
    /// A published set holds a shared secret, which then is none.
    #[error(
        "the published set holds a shared secret (`oct`): remove it and replace it, \
         since everybody can sign with it"
    )]
    PublishedSecret,
    /// A published set with more keys than an issuer needs.
    #[error("the published set has more than {limit} usable keys: remove those out of use")]
    TooManyKeys {
        /// Keys allowed.
        limit: usize,
    },
    /// A shared secret shorter than the hash (RFC 7518 section 3.2).
    #[error(
        "{key} has {bytes} bytes; {algorithm} needs at least {minimum}: \
         generate a random secret of that length"
    )]
    SecretTooShort {
        /// Which key.
        key: Box<str>,
        /// The algorithm.
        algorithm: Algorithm,
        /// Bytes of the secret.
        bytes: usize,
        /// Bytes needed.
        minimum: usize,
    },
    /// An RSA key outside of 2048 to 8192 bits (RFC 7518 section 3.3).
    #[error("{key} has {bits} bits; an RSA key needs 2048 to 8192: generate a new one")]
    RsaSize {
        /// Which key.
        key: Box<str>,
        /// Bits of the modulus.
        bits: usize,
    },
    /// An RSA key with a weak exponent.
    #[error(
        "{key}: `e` must be odd, at least 65537 and below 2^32: generate a new key with the usual exponent"
    )]
    RsaExponent {
        /// Which key.
        key: Box<str>,
    },
    /// An RSA key whose modulus has a tiny factor (SP 800-89 section 5.3.3).
    #[error("{key}: `n` is divisible by {factor}, so anybody can break it: generate a new key")]
    RsaFactor {
        /// Which key.
        key: Box<str>,
        /// The factor.
        factor: u64,
    },
    /// An RSA key of the generator of CVE-2017-15361 ("ROCA").
    #[error(
        "{key} has the fingerprint of ROCA (CVE-2017-15361), so it can be broken: \
         generate a new key elsewhere than on the device that made it"
    )]
    RsaFingerprint {
        /// Which key.
        key: Box<str>,
    },
    /// Two RSA keys with a prime in common.
    #[error(
        "{key} and {other} have a prime in common, so anybody can break them: generate new ones"
    )]
    RsaCommonFactor {
        /// Which key.
        key: Box<str>,
        /// The other key.
        other: Box<str>,
    },
    /// A public key that is no point of its curve, or one of small order.
    #[error("{key} is not a valid public key: fetch it again from the issuer")]
    Invalid {
        /// Which key.
        key: Box<str>,
    },
    /// Not a PEM text with one public key.
    #[error("the PEM is refused: {reason}")]
    Pem {
        /// What is wrong with it and what is expected.
        reason: &'static str,
    },
}

impl From<JsonFault> for KeyError {
    fn from(fault: JsonFault) -> Self {
        Self::Json { fault }
    }
}
