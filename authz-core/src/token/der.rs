//! Public keys in PEM: `PUBLIC KEY` (RFC 5280 section 4.1.2.7) and `RSA PUBLIC KEY` (RFC 8017
//! appendix A.1.1).
//!
//! Reads the few shapes of DER that a public key has, and nothing else. Absent on purpose:
//! certificates, and private keys, which belong with whoever signs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::algorithm::{Algorithm, Family};
use super::key::{Key, wrong_family};
use super::key_error::KeyError;

const NAME: &str = "the key";

const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const ELLIPTIC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const P_256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const P_384: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x22];
const ED25519: &[u8] = &[0x2B, 0x65, 0x70];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// The key of a PEM text with exactly one block.
pub(crate) fn key_from_pem(pem: &str, algorithm: Algorithm) -> Result<Key, KeyError> {
    let (label, der) = block(pem)?;
    match label {
        "PUBLIC KEY" => subject_public_key(&der, algorithm),
        "RSA PUBLIC KEY" => rsa_public_key(&der, algorithm),
        label if label.ends_with("PRIVATE KEY") => {
            Err(KeyError::PrivateKey { key: NAME.into(), member: label.into() })
        }
        "CERTIFICATE" => Err(refuse(
            "it is a certificate; expected `PUBLIC KEY`, as `openssl x509 -pubkey -noout` prints it",
        )),
        _ => Err(refuse("expected `-----BEGIN PUBLIC KEY-----`")),
    }
}

const fn refuse(reason: &'static str) -> KeyError {
    KeyError::Pem { reason }
}

/// The label and the content of the one block (RFC 7468 section 3, strict but for line lengths).
fn block(pem: &str) -> Result<(&str, Vec<u8>), KeyError> {
    const EXPECTED: KeyError = refuse("expected `-----BEGIN PUBLIC KEY-----` at the beginning");
    const UNCLOSED: KeyError = refuse("expected `-----END PUBLIC KEY-----` at the end");
    let rest = pem.trim().strip_prefix("-----BEGIN ").ok_or(EXPECTED)?;
    let (label, rest) = rest.split_once("-----").ok_or(EXPECTED)?;
    let (body, rest) = rest.split_once("-----END ").ok_or(UNCLOSED)?;
    let rest =
        rest.strip_prefix(label).and_then(|rest| rest.strip_prefix("-----")).ok_or(UNCLOSED)?;
    if !rest.is_empty() {
        return Err(refuse(
            "more than one block; make one key set of each and put them together with `and`",
        ));
    }
    let body: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let der = STANDARD
        .decode(body)
        .map_err(|_| refuse("expected base64 between the first and the last line"))?;
    Ok((label, der))
}

fn subject_public_key(der: &[u8], algorithm: Algorithm) -> Result<Key, KeyError> {
    const SHAPE: KeyError = refuse("the content is not a public key (SubjectPublicKeyInfo)");
    let (identifier, parameters, key) = split_subject_public_key(der).ok_or(SHAPE)?;
    let family = match (identifier, parameters) {
        (RSA_ENCRYPTION, Some((NULL, []))) => Family::Rsa,
        (ELLIPTIC, Some((OBJECT_IDENTIFIER, P_256))) => Family::P256,
        (ELLIPTIC, Some((OBJECT_IDENTIFIER, P_384))) => Family::P384,
        (ED25519, None) => Family::Ed25519,
        _ => {
            return Err(refuse(
                "the key is of an unsupported kind; expected RSA, P-256, P-384 or Ed25519",
            ));
        }
    };
    if family != algorithm.family() {
        return Err(wrong_family(NAME, algorithm));
    }
    match family {
        Family::Rsa => rsa_public_key(key, algorithm),
        Family::P256 | Family::P384 => Key::elliptic(key, algorithm, NAME),
        Family::Ed25519 => Key::ed25519(key, algorithm, NAME),
        // No such key is in a PEM.
        Family::Secret => Err(wrong_family(NAME, algorithm)),
    }
}

type Element<'a> = (u8, &'a [u8]);

/// Algorithm, its parameters, and the bytes of the key.
fn split_subject_public_key(der: &[u8]) -> Option<(&[u8], Option<Element<'_>>, &[u8])> {
    let whole = only(der, SEQUENCE)?;
    let (algorithm, rest) = expect(whole, SEQUENCE)?;
    let (identifier, parameters) = expect(algorithm, OBJECT_IDENTIFIER)?;
    let parameters = if parameters.is_empty() {
        None
    } else {
        let (tag, content, rest) = element(parameters)?;
        if !rest.is_empty() {
            return None;
        }
        Some((tag, content))
    };
    // The first byte of a bit string counts unused bits, which a key has none of.
    match only(rest, BIT_STRING)? {
        [0, key @ ..] => Some((identifier, parameters, key)),
        _ => None,
    }
}

fn rsa_public_key(der: &[u8], algorithm: Algorithm) -> Result<Key, KeyError> {
    let (modulus, exponent) =
        split_rsa(der).ok_or(refuse("the content is not an RSA public key (PKCS #1)"))?;
    Key::rsa(modulus, exponent, algorithm, NAME)
}

fn split_rsa(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (modulus, rest) = expect(only(der, SEQUENCE)?, INTEGER)?;
    let exponent = only(rest, INTEGER)?;
    Some((positive(modulus)?, positive(exponent)?))
}

/// A positive integer without its sign byte; one with a superfluous sign byte is not DER.
const fn positive(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, rest @ ..] if matches!(rest, [0x80..=0xFF, ..]) => Some(rest),
        [0x01..=0x7F, ..] => Some(integer),
        _ => None,
    }
}

/// The content of an element that is all of `der`.
fn only(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (content, rest) = expect(der, tag)?;
    rest.is_empty().then_some(content)
}

/// The content of the element at the beginning, and what follows.
fn expect(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(der)?;
    (found == tag).then_some((content, rest))
}

/// Tag, content and what follows; lengths in their shortest form only (X.690 section 10.1).
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length, rest) = match der {
        [tag, length @ 0..=0x7F, rest @ ..] | [tag, 0x81, length @ 0x80..=0xFF, rest @ ..] => {
            (*tag, usize::from(*length), rest)
        }
        [tag, 0x82, high @ 1..=0xFF, low, rest @ ..] => {
            (*tag, usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}
