//! The JOSE header of a token (RFC 7515 section 4).
//!
//! Reads `alg`, `kid` and `typ`. Keys and addresses of keys that a token brings along (`jwk`,
//! `jku`, `x5u`, `x5c`) are never looked at: whoever forges a token would bring their own.

use std::borrow::Cow;

use super::algorithm::Algorithm;
use super::compact::{self, Compact};
use super::error::{JsonFault, Part, TokenError};
use super::json::{self, Text, Value};
use super::key::KEY_ID_LIMIT;

/// Members that change what the token means, and that are not understood: critical extensions
/// (RFC 7515 section 4.1.11), an unencoded payload (RFC 7797), compression and encryption
/// (RFC 7516).
const UNSUPPORTED: [&str; 4] = ["crit", "b64", "zip", "enc"];

/// What the header says. Nothing of it is trusted: it chooses among configured keys only.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<Cow<'a, str>>,
    pub(crate) token_type: TokenType,
}

/// The `typ` of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// `at+jwt`: an access token (RFC 9068 section 4).
    AccessToken,
    /// `JWT`: any kind of token.
    Plain,
    Absent,
    /// `logout+jwt`: a logout token (OpenID Connect Back-Channel Logout 1.0).
    Logout,
    /// `dpop+jwt`: a proof that the sender has a key (RFC 9449 section 4.2).
    Proof,
    Other,
}

/// Where a header is decoded: on the stack, unless it is unusually long.
pub(crate) struct HeaderBuffer {
    short: [u8; Self::SHORT],
    long: Vec<u8>,
}

impl HeaderBuffer {
    const SHORT: usize = 512;

    pub(crate) const fn new() -> Self {
        Self { short: [0; Self::SHORT], long: Vec::new() }
    }
}

impl<'a> Header<'a> {
    /// Decodes and reads the header of a token.
    pub(crate) fn read(
        token: &Compact<'_>,
        buffer: &'a mut HeaderBuffer,
    ) -> Result<Self, TokenError> {
        const PART: Part = Part::Header;
        let bytes = if compact::decoded_length(token.header) <= HeaderBuffer::SHORT {
            compact::decode_into(token.header, PART, &mut buffer.short)?
        } else {
            buffer.long = compact::decode(token.header, PART)?;
            &buffer.long
        };
        Self::parse(std::str::from_utf8(bytes).map_err(|_| TokenError::Utf8 { part: PART })?)
    }

    fn parse(text: &'a str) -> Result<Self, TokenError> {
        let mut algorithm = None;
        let mut kid = None;
        let mut token_type = TokenType::Absent;
        json::object(text, |name, value| {
            match &*name.unescape() {
                "alg" => algorithm = Some(read_algorithm(value)?),
                "kid" => kid = Some(read_kid(value)?),
                "typ" => token_type = TokenType::of(string("typ", value)?),
                name => refuse_unsupported(name)?,
            }
            Ok(())
        })
        .map_err(HeaderFault::into_error)?;
        Ok(Self { algorithm: algorithm.ok_or(TokenError::AlgorithmMissing)?, kid, token_type })
    }
}

/// The fault of the JSON, or of what it says.
struct HeaderFault(TokenError);

impl HeaderFault {
    fn into_error(self) -> TokenError {
        self.0
    }
}

impl From<JsonFault> for HeaderFault {
    fn from(fault: JsonFault) -> Self {
        Self(TokenError::Json { part: Part::Header, fault })
    }
}

impl From<TokenError> for HeaderFault {
    fn from(error: TokenError) -> Self {
        Self(error)
    }
}

fn read_algorithm(value: Value<'_>) -> Result<Algorithm, TokenError> {
    let Value::String(name) = value else {
        return Err(TokenError::AlgorithmMissing);
    };
    Algorithm::from_name(&name.unescape()).ok_or(TokenError::AlgorithmUnsupported)
}

fn read_kid(value: Value<'_>) -> Result<Cow<'_, str>, TokenError> {
    let kid = string("kid", value)?.unescape();
    if kid.len() > KEY_ID_LIMIT {
        return Err(TokenError::KeyIdTooLong);
    }
    Ok(kid)
}

fn string<'a>(member: &'static str, value: Value<'a>) -> Result<Text<'a>, TokenError> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(TokenError::HeaderType { member }),
    }
}

pub(crate) fn refuse_unsupported(name: &str) -> Result<(), TokenError> {
    match UNSUPPORTED.into_iter().find(|member| *member == name) {
        Some(member) => Err(TokenError::HeaderUnsupported { member }),
        None => Ok(()),
    }
}

impl TokenType {
    /// Media types are not case-sensitive, and one without a slash has `application/` before it
    /// (RFC 7515 section 4.1.9).
    pub(crate) fn of(text: Text<'_>) -> Self {
        const PREFIX: &str = "application/";
        let text = text.unescape();
        let name = match text.split_at_checked(PREFIX.len()) {
            Some((prefix, name)) if prefix.eq_ignore_ascii_case(PREFIX) => name,
            _ => &*text,
        };
        if name.eq_ignore_ascii_case("at+jwt") {
            Self::AccessToken
        } else if name.eq_ignore_ascii_case("JWT") {
            Self::Plain
        } else if name.eq_ignore_ascii_case("logout+jwt") {
            Self::Logout
        } else if name.eq_ignore_ascii_case("dpop+jwt") {
            Self::Proof
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, TokenType};
    use crate::token::algorithm::Algorithm;
    use crate::token::error::{JsonFault, Part, TokenError};

    fn fault(text: &str) -> TokenError {
        Header::parse(text).expect_err(text)
    }

    #[test]
    fn a_header_is_read() {
        let header =
            Header::parse(r#"{"kid":"a\u002fb","typ":"at+jwt","alg":"ES256","x":[1]}"#).unwrap();
        assert_eq!(header.algorithm, Algorithm::Es256);
        assert_eq!(header.kid.as_deref(), Some("a/b"));
        assert_eq!(header.token_type, TokenType::AccessToken);
    }

    #[test]
    fn alg_is_a_known_string() {
        for text in [
            r"{}",
            r#"{"alg":null}"#,
            r#"{"alg":{"HS256":null}}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":1}"#,
        ] {
            assert_eq!(fault(text), TokenError::AlgorithmMissing, "{text}");
        }
        for name in ["none", "NONE", "nOnE", "hs256", "", "ES512", "HS256 "] {
            let text = format!(r#"{{"alg":"{name}"}}"#);
            assert_eq!(fault(&text), TokenError::AlgorithmUnsupported, "{text}");
        }
        let alternative = Header::parse(r#"{"alg":"Ed25519"}"#).unwrap();
        assert_eq!(alternative.algorithm, Algorithm::EdDsa);
    }

    #[test]
    fn what_changes_the_meaning_is_refused() {
        for (member, values) in [
            ("crit", ["[\"exp\"]", "[]", "\"x\""]),
            ("b64", ["false", "true", "null"]),
            ("zip", ["\"DEF\"", "null", "1"]),
            ("enc", ["\"A128GCM\"", "null", "1"]),
        ] {
            for value in values {
                let text = format!(r#"{{"alg":"HS256","{member}":{value}}}"#);
                assert_eq!(fault(&text), TokenError::HeaderUnsupported { member });
            }
        }
        assert_eq!(
            fault(r#"{"alg":"HS256","\u0063rit":["a"]}"#),
            TokenError::HeaderUnsupported { member: "crit" }
        );
    }

    #[test]
    fn keys_that_the_token_brings_are_not_looked_at() {
        let text =
            r#"{"alg":"HS256","jwk":{"kty":1},"jku":1,"x5u":"https://evil.example","x5c":{}}"#;
        assert!(Header::parse(text).is_ok());
    }

    #[test]
    fn kid_and_typ_are_strings_of_bounded_length() {
        assert_eq!(fault(r#"{"alg":"HS256","kid":1}"#), TokenError::HeaderType { member: "kid" });
        assert_eq!(
            fault(r#"{"alg":"HS256","typ":null}"#),
            TokenError::HeaderType { member: "typ" }
        );
        let with = |length: usize| format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(length));
        assert!(Header::parse(&with(256)).is_ok());
        assert_eq!(fault(&with(257)), TokenError::KeyIdTooLong);
    }

    #[test]
    fn a_name_twice_is_refused() {
        assert_eq!(
            fault(r#"{"alg":"HS256","\u0061lg":"HS256"}"#),
            TokenError::Json { part: Part::Header, fault: JsonFault::Duplicate }
        );
    }

    #[test]
    fn typ_is_a_media_type() {
        for (typ, expected) in [
            ("at+jwt", TokenType::AccessToken),
            ("AT+JWT", TokenType::AccessToken),
            ("application/at+jwt", TokenType::AccessToken),
            ("Application/At+Jwt", TokenType::AccessToken),
            ("JWT", TokenType::Plain),
            ("jwt", TokenType::Plain),
            ("application/jwt", TokenType::Plain),
            ("logout+jwt", TokenType::Logout),
            ("dpop+jwt", TokenType::Proof),
            ("at+jwt ", TokenType::Other),
            ("text/at+jwt", TokenType::Other),
            ("application/application/at+jwt", TokenType::Other),
            ("", TokenType::Other),
        ] {
            let text = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
            assert_eq!(Header::parse(&text).unwrap().token_type, expected, "{typ}");
        }
        let absent = Header::parse(r#"{"alg":"HS256"}"#).unwrap();
        assert_eq!(absent.token_type, TokenType::Absent);
    }
}
