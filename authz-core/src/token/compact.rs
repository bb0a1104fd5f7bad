//! The compact form of a token: three parts of base64url (RFC 7515 section 7.1).
//!
//! Nothing is decoded before the whole text has been looked at, and nothing of the JSON
//! serializations or of encrypted tokens is read at all.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::NO_PAD;

use super::error::{Part, TokenError};

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Base64Url = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Base64Url = base64::engine::GeneralPurpose;

/// Without padding, and with the bits after the last byte all zero (RFC 4648 section 3.5), so that
/// no two texts stand for the same token.
pub(crate) static BASE64URL: LazyLock<Base64Url> = LazyLock::new(|| {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return Base64Url::url_safe(NO_PAD);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    Base64Url::new(&base64::alphabet::URL_SAFE, NO_PAD)
});

/// The longest token that is read unless the verifier says otherwise, in bytes.
pub(crate) const DEFAULT_LENGTH_LIMIT: usize = 8 * 1024;

/// The longest signature: RSA with 8192 bits, in bytes.
pub(crate) const SIGNATURE_LIMIT: usize = 1024;

/// A token taken apart. Nothing is decoded yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compact<'a> {
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    signature: &'a str,
    /// What the signature is about: header, dot, payload.
    pub(crate) signed: &'a str,
}

impl<'a> Compact<'a> {
    /// Takes a token apart, without an allocation.
    pub(crate) fn split(token: &'a str, limit: usize) -> Result<Self, TokenError> {
        if token.len() > limit {
            return Err(TokenError::TooLong { length: token.len(), limit });
        }
        if !in_alphabet(token.as_bytes()) {
            return Err(TokenError::Character);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Format)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Format)?;
        if header.is_empty()
            || payload.is_empty()
            || signature.is_empty()
            || payload.as_bytes().contains(&b'.')
        {
            return Err(TokenError::Format);
        }
        Ok(Self { header, payload, signature, signed })
    }

    /// Decodes the signature into `buffer`.
    pub(crate) fn signature<'b>(
        &self,
        buffer: &'b mut [u8; SIGNATURE_LIMIT],
    ) -> Result<&'b [u8], TokenError> {
        if decoded_length(self.signature) > SIGNATURE_LIMIT {
            return Err(TokenError::Signature);
        }
        decode_into(self.signature, Part::Signature, buffer)
    }

    /// Decodes the payload: the one copy of it that is ever made.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, TokenError> {
        decode(self.payload, Part::Payload)
    }
}

/// Decodes a part into a buffer that is large enough.
pub(crate) fn decode_into<'b>(
    text: &str,
    part: Part,
    buffer: &'b mut [u8],
) -> Result<&'b [u8], TokenError> {
    let length = BASE64URL.decode_slice(text, buffer).map_err(|_| TokenError::Base64 { part })?;
    buffer.get(..length).ok_or(TokenError::Base64 { part })
}

/// Decodes a part into a vector without spare capacity.
pub(crate) fn decode(text: &str, part: Part) -> Result<Vec<u8>, TokenError> {
    let mut bytes = vec![0; decoded_length(text)];
    let length = decode_into(text, part, &mut bytes)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

/// How many bytes the text decodes to, if it is base64url.
pub(crate) const fn decoded_length(text: &str) -> usize {
    text.len() / 4 * 3 + text.len() % 4 * 3 / 4
}

/// Written without a branch in the loop, so that it compiles to vector instructions.
#[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch")]
fn in_alphabet(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |fine, byte| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        fine & (letter | digit | (*byte == b'-') | (*byte == b'_') | (*byte == b'.'))
    })
}

#[cfg(test)]
mod tests {
    use super::{Compact, decode, in_alphabet};
    use crate::token::error::{Part, TokenError};

    fn split(token: &str) -> Result<Compact<'_>, TokenError> {
        Compact::split(token, 64)
    }

    #[test]
    fn three_parts_are_taken_apart() {
        let compact = split("aaaa.bbbb.cccc").unwrap();
        assert_eq!(compact.header, "aaaa");
        assert_eq!(compact.payload, "bbbb");
        assert_eq!(compact.signed, "aaaa.bbbb");
        assert_eq!(compact.signature, "cccc");
    }

    #[test]
    fn other_numbers_of_parts_and_empty_parts_are_refused() {
        for token in [
            "",
            ".",
            "..",
            "...",
            "aaaa",
            "aaaa.bbbb",
            "aaaa.bbbb.cccc.dddd",
            "a.b.c.d.e",
            ".bbbb.cccc",
            "aaaa..cccc",
            "aaaa.bbbb.",
        ] {
            assert_eq!(split(token).unwrap_err(), TokenError::Format, "{token}");
        }
    }

    #[test]
    fn characters_of_no_compact_token_are_refused() {
        for bad in [" ", "=", "?", "{", "\n", "+", "/", "\0", "é", "\u{7f}"] {
            let token = format!("aaaa.bb{bad}b.cccc");
            assert_eq!(split(&token).unwrap_err(), TokenError::Character, "{bad:?}");
        }
        assert_eq!(split("{\"payload\":\"\"}").unwrap_err(), TokenError::Character);
    }

    #[test]
    fn the_alphabet_is_that_of_base64url_and_the_dot() {
        for byte in 0..=255_u8 {
            assert_eq!(
                in_alphabet(&[byte]),
                byte.is_ascii_alphanumeric() || b"-_.".contains(&byte),
                "{byte}"
            );
        }
    }

    #[test]
    fn a_long_token_is_refused_before_anything_else() {
        let token = "é".repeat(40);
        assert_eq!(split(&token).unwrap_err(), TokenError::TooLong { length: 80, limit: 64 });
    }

    #[test]
    fn every_length_decodes_into_its_exact_size() {
        use base64::Engine as _;
        for length in 0..200 {
            let bytes = vec![0xA5_u8; length];
            let text = super::BASE64URL.encode(&bytes);
            let decoded = decode(&text, Part::Payload).unwrap();
            assert_eq!(decoded, bytes);
            assert_eq!(decoded.capacity(), length);
        }
    }

    #[test]
    fn padding_stray_bits_and_impossible_lengths_are_refused() {
        assert_eq!(decode("QQ", Part::Payload).unwrap(), b"A");
        for text in ["QR", "QQ==", "QQ=", "Q", "QUFBQ", "QUJ"] {
            assert_eq!(
                decode(text, Part::Payload).unwrap_err(),
                TokenError::Base64 { part: Part::Payload },
                "{text}"
            );
        }
    }
}
