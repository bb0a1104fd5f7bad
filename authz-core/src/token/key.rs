//! One key with exactly one algorithm, parsed once and checked against its floors.
//!
//! RFC 7518 sections 3.2 to 3.5, RFC 8037 section 2, RFC 8725 section 3.1 and 3.5.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents, VerificationAlgorithm,
};

use super::algorithm::Algorithm;
use super::error::TokenError;
use super::key_error::KeyError;
use super::modulus::require_sound;

/// The longest key id, in bytes.
pub(crate) const KEY_ID_LIMIT: usize = 256;

/// A key that verifies signatures of one algorithm.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<Arc<str>>,
    /// The modulus of an RSA key, big-endian.
    pub(crate) modulus: Option<Arc<[u8]>>,
    check: Arc<Check>,
}

#[expect(clippy::large_enum_variant, reason = "few keys live long, behind an `Arc`")]
enum Check {
    Public(ParsedPublicKey),
    Secret(hmac::Key),
}

impl Key {
    /// A shared secret, at least as long as the hash.
    pub(crate) fn secret(secret: &[u8], algorithm: Algorithm, key: &str) -> Result<Self, KeyError> {
        let (hash, minimum) = match algorithm {
            Algorithm::Hs256 => (hmac::HMAC_SHA256, 32),
            Algorithm::Hs384 => (hmac::HMAC_SHA384, 48),
            Algorithm::Hs512 => (hmac::HMAC_SHA512, 64),
            _ => return Err(wrong_family(key, algorithm)),
        };
        if secret.len() < minimum {
            return Err(KeyError::SecretTooShort {
                key: key.into(),
                algorithm,
                bytes: secret.len(),
                minimum,
            });
        }
        Ok(Self::new(algorithm, Check::Secret(hmac::Key::new(hash, secret))))
    }

    /// An RSA key from modulus and exponent, big-endian and without leading zeros.
    pub(crate) fn rsa(
        modulus: &[u8],
        exponent: &[u8],
        algorithm: Algorithm,
        key: &str,
    ) -> Result<Self, KeyError> {
        let parameters = rsa_parameters(algorithm).ok_or_else(|| wrong_family(key, algorithm))?;
        require_rsa_floors(modulus, exponent, key)?;
        require_sound(modulus, key)?;
        let parsed = RsaPublicKeyComponents { n: modulus, e: exponent }
            .to_parsed_public_key(parameters)
            .map_err(|_| KeyError::Invalid { key: key.into() })?;
        let key = Self::new(algorithm, Check::Public(parsed));
        Ok(Self { modulus: Some(modulus.into()), ..key })
    }

    /// A point on a curve: `0x04`, then both coordinates at full length (SEC 1 section 2.3.3).
    pub(crate) fn elliptic(
        point: &[u8],
        algorithm: Algorithm,
        key: &str,
    ) -> Result<Self, KeyError> {
        let (parameters, length) = match algorithm {
            Algorithm::Es256 => (&ECDSA_P256_SHA256_FIXED, 65),
            Algorithm::Es384 => (&ECDSA_P384_SHA384_FIXED, 97),
            _ => return Err(wrong_family(key, algorithm)),
        };
        if point.len() != length || point.first() != Some(&4) {
            return Err(KeyError::Invalid { key: key.into() });
        }
        Self::parsed(parameters, point, algorithm, key)
    }

    /// An Ed25519 key: 32 bytes that are no point of small order.
    pub(crate) fn ed25519(point: &[u8], algorithm: Algorithm, key: &str) -> Result<Self, KeyError> {
        if algorithm != Algorithm::EdDsa {
            return Err(wrong_family(key, algorithm));
        }
        let bytes: &[u8; 32] =
            point.try_into().map_err(|_| KeyError::Invalid { key: key.into() })?;
        if is_weak_point(bytes) {
            return Err(KeyError::Invalid { key: key.into() });
        }
        Self::parsed(&ED25519, point, algorithm, key)
    }

    /// Whether the signature was made over `signed` with this key. The comparison of a MAC takes
    /// constant time.
    pub(crate) fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), TokenError> {
        match &*self.check {
            Check::Public(key) => key.verify_sig(signed, signature),
            Check::Secret(key) => hmac::verify(key, signed, signature),
        }
        .map_err(|_| TokenError::Signature)
    }

    pub(crate) fn with_kid(mut self, kid: &str) -> Result<Self, KeyError> {
        if kid.is_empty() || kid.len() > KEY_ID_LIMIT {
            return Err(KeyError::KeyIdLength { limit: KEY_ID_LIMIT });
        }
        self.kid = Some(kid.into());
        Ok(self)
    }

    fn new(algorithm: Algorithm, check: Check) -> Self {
        Self { algorithm, kid: None, modulus: None, check: Arc::new(check) }
    }

    fn parsed(
        parameters: &'static dyn VerificationAlgorithm,
        bytes: &[u8],
        algorithm: Algorithm,
        key: &str,
    ) -> Result<Self, KeyError> {
        ParsedPublicKey::new(parameters, bytes)
            .map(|parsed| Self::new(algorithm, Check::Public(parsed)))
            .map_err(|_| KeyError::Invalid { key: key.into() })
    }
}

/// Names the key and its algorithm, never its material.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

#[cold]
pub(crate) fn wrong_family(key: &str, algorithm: Algorithm) -> KeyError {
    KeyError::AlgorithmFamily { key: key.into(), algorithm, needs: algorithm.family().word() }
}

const fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn require_rsa_floors(modulus: &[u8], exponent: &[u8], key: &str) -> Result<(), KeyError> {
    let bits = modulus
        .first()
        .map_or(0, |first| (modulus.len() * 8).saturating_sub(first.leading_zeros() as usize));
    if !(2048..=8192).contains(&bits) {
        return Err(KeyError::RsaSize { key: key.into(), bits });
    }
    // Odd and of at least three bytes means at least 65537. An exponent far beyond the usual would
    // only make each verification slow.
    let usual = matches!(exponent, [1..=0xFF, _, last] | [1..=0xFF, _, _, last] if last & 1 == 1);
    if !usual {
        return Err(KeyError::RsaExponent { key: key.into() });
    }
    Ok(())
}

/// Whether an encoded Edwards point has small order or is not canonical. With such a key a
/// signature proves nothing, and AWS-LC accepts it, as RFC 8032 allows.
///
/// These are all y coordinates of points whose order divides 8, little-endian; the sign of x is
/// the highest bit and does not matter. What follows `p - 1` in value is not canonical.
fn is_weak_point(point: &[u8; 32]) -> bool {
    const ZERO: [u8; 32] = [0; 32];
    const ONE: [u8; 32] = {
        let mut y = [0; 32];
        y.split_at_mut(1).0.copy_from_slice(&[1]);
        y
    };
    const ORDER_8: [u8; 32] = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ];
    const ORDER_8_NEGATED: [u8; 32] = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ];
    let mut y = *point;
    let [.., highest] = &mut y;
    *highest &= 0x7F;
    let at_least_p_minus_1 =
        matches!(y, [0xEC..=0xFF, middle @ .., 0x7F] if middle.iter().all(|byte| *byte == 0xFF));
    at_least_p_minus_1 || [ZERO, ONE, ORDER_8, ORDER_8_NEGATED].contains(&y)
}
