//! The keys of one issuer, and which of them a token means.
//!
//! Absent on purpose: a key that fits two algorithms, and the choice of a key by anything but
//! `kid` and `alg`.

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::compact::{Compact, DEFAULT_LENGTH_LIMIT, SIGNATURE_LIMIT};
use super::error::TokenError;
use super::header::{Header, HeaderBuffer};
use super::key::Key;
use super::key_error::KeyError;
use super::{common_factor, der, jwk};

/// The keys that one issuer signs with, each with exactly one algorithm.
///
/// Cloning is cheap: clones share the keys. Every key is checked once, here, so that a weak or
/// malformed key stops the service at its start and not a request later.
///
/// # Examples
///
/// ```
/// use authz_core::token::{Algorithm, KeySet};
///
/// let keys = KeySet::from_jwks(
///     r#"{"keys":[{
///         "kty": "OKP", "crv": "Ed25519", "kid": "2026-01",
///         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
///     }]}"#,
///     &[Algorithm::EdDsa],
/// )?;
/// let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
///     hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
///
/// // The token names no key, and there is one for its algorithm that could be meant.
/// assert_eq!(keys.verify(signed)?, b"Example of Ed25519 signing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Arc<[Key]>,
}

impl KeySet {
    /// The keys of a JWK set, or a single JWK, for the algorithms that the issuer signs with.
    ///
    /// Keys for something else are passed over: unknown `kty`, `crv` or `alg`, `use` other than
    /// `sig`, `key_ops` without `verify` (RFC 7517 sections 4 and 5). A key with an `alg` has that
    /// algorithm; one without takes the listed algorithm that fits it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] naming the key, the field and the remedy: for members of a private key, for a
    /// secret beside public keys, for a key that is malformed or too weak (RFC 7518 sections 3.2
    /// and 3.3, ROCA), for an `alg` that is not listed, for a key without `alg` that several listed
    /// algorithms fit, for two keys of one `kid` or with a prime in common, and for a set without a
    /// usable key.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::token::{Algorithm, KeyError, KeySet};
    ///
    /// let private = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","d":"…","x":"…"}"#;
    /// let error = KeySet::from_jwks(private, &[Algorithm::EdDsa]).unwrap_err();
    /// assert!(error.to_string().starts_with("key `a` has `d`, a part of a private key"));
    /// ```
    pub fn from_jwks(json: &str, algorithms: &[Algorithm]) -> Result<Self, KeyError> {
        Self::new(jwk::keys(json, algorithms)?)
    }

    /// One public key in PEM: `PUBLIC KEY` or `RSA PUBLIC KEY`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for anything else, a private key among it, and for a key that is too weak or
    /// of another kind than the algorithm needs.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::token::{Algorithm, KeySet};
    ///
    /// let pem = "-----BEGIN PUBLIC KEY-----
    /// MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    /// -----END PUBLIC KEY-----";
    /// let keys = KeySet::from_pem(pem, Algorithm::EdDsa)?.with_kid("2026-01")?;
    /// # Ok::<(), authz_core::token::KeyError>(())
    /// ```
    pub fn from_pem(pem: &str, algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::new(vec![der::key_from_pem(pem, algorithm)?])
    }

    /// One shared secret, for `HS256`, `HS384` or `HS512`.
    ///
    /// Whoever can verify with a shared secret can also sign with it: prefer public keys where
    /// issuer and service are not the same.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for a secret shorter than the hash (RFC 7518 section 3.2: 32, 48 or 64 bytes),
    /// and for an algorithm that takes no secret.
    pub fn from_secret(secret: &[u8], algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::new(vec![Key::secret(secret, algorithm, "the secret")?])
    }

    /// Gives the one key of this set a key id: tokens that name another one are then refused.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for a set of several keys, and for an id without a byte or with more than 256.
    pub fn with_kid(self, kid: &str) -> Result<Self, KeyError> {
        match &*self.keys {
            [key] => Self::new(vec![key.clone().with_kid(kid)?]),
            _ => Err(KeyError::KeyIdForMany),
        }
    }

    /// The keys of both sets, for an issuer that changes its keys.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when two keys have one `kid`, or two RSA keys a prime in common.
    pub fn and(self, other: &Self) -> Result<Self, KeyError> {
        Self::new(self.keys.iter().chain(&*other.keys).cloned().collect())
    }

    /// The payload of a token whose signature is good. Nothing in it is looked at.
    ///
    /// This is for signed data of one's own. Access tokens go through a
    /// [`Verifier`](super::Verifier), which checks the claims too.
    ///
    /// # Errors
    ///
    /// [`TokenError`] when the token is not in the compact form or longer than 8 KiB, when its
    /// header asks for something that is not supported, when no key fits or several do, and when
    /// the signature does not verify.
    pub fn verify(&self, compact: &str) -> Result<Vec<u8>, TokenError> {
        let token = Compact::split(compact, DEFAULT_LENGTH_LIMIT)?;
        let mut buffer = HeaderBuffer::new();
        let header = Header::read(&token, &mut buffer)?;
        self.verify_signature(&token, &header)?;
        token.payload()
    }

    /// Chooses the key and checks the signature.
    pub(crate) fn verify_signature(
        &self,
        token: &Compact<'_>,
        header: &Header<'_>,
    ) -> Result<(), TokenError> {
        let key = self.choose(header)?;
        let mut buffer = [0; SIGNATURE_LIMIT];
        let signature = token.signature(&mut buffer)?;
        key.verify(token.signed.as_bytes(), signature)
    }

    /// The key with the header's `kid`; failing that, the only key of the algorithm that the
    /// header can mean. Its algorithm is the header's, always.
    pub(crate) fn choose(&self, header: &Header<'_>) -> Result<&Key, TokenError> {
        if let Some(kid) = header.kid.as_deref() {
            if let Some(key) = self.with_id(kid) {
                return if key.algorithm == header.algorithm {
                    Ok(key)
                } else {
                    Err(TokenError::AlgorithmMismatch)
                };
            }
            return self.only(|key| key.kid.is_none(), header.algorithm);
        }
        self.only(|_| true, header.algorithm)
    }

    fn with_id(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid.as_deref() == Some(kid))
    }

    fn only(
        &self,
        candidate: impl Fn(&Key) -> bool,
        algorithm: Algorithm,
    ) -> Result<&Key, TokenError> {
        let mut fitting =
            self.keys.iter().filter(|key| key.algorithm == algorithm && candidate(key));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(TokenError::UnknownKey),
            (Some(_), Some(_)) => Err(TokenError::AmbiguousKey),
        }
    }

    fn new(keys: Vec<Key>) -> Result<Self, KeyError> {
        if keys.is_empty() {
            return Err(KeyError::NothingUsable);
        }
        Self::distinct(keys)
    }

    /// The keys that an issuer publishes: none, where it has withdrawn them all.
    #[cfg(feature = "remote")]
    pub(crate) fn published(
        json: &str,
        said: &[Algorithm],
        unsaid: &[Algorithm],
    ) -> Result<Self, KeyError> {
        Self::distinct(jwk::published_keys(json, said, unsaid)?)
    }

    /// No keys: no token can be verified.
    #[cfg(feature = "remote")]
    pub(crate) fn none() -> Self {
        Self { keys: Arc::new([]) }
    }

    #[cfg(feature = "remote")]
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    fn distinct(keys: Vec<Key>) -> Result<Self, KeyError> {
        let mut rest = &*keys;
        while let [key, others @ ..] = rest {
            if let Some(kid) = &key.kid
                && others.iter().any(|other| other.kid.as_ref() == Some(kid))
            {
                return Err(KeyError::DuplicateKeyId { kid: (&**kid).into() });
            }
            rest = others;
        }
        common_factor::refuse(&keys)?;
        Ok(Self { keys: keys.into() })
    }
}
