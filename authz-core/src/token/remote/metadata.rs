//! The metadata of an issuer: OpenID Connect Discovery 1.0 and RFC 8414.
//!
//! INVARIANT: the `issuer` in it is exactly the one that was asked for (RFC 8414 section 3.3).

use crate::token::algorithm::{Algorithm, Family};
use crate::token::error::JsonFault;
use crate::token::json::{self, Value};
use crate::token::key_error::KeyError;

use super::http::FetchError;

/// Why the keys of an issuer could not be got.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The name of the issuer is no address that metadata could be fetched from.
    #[error(
        "`{issuer}` can't be discovered: \
         an issuer is `https://`, a host and perhaps a path, without query and fragment"
    )]
    Issuer {
        /// The issuer.
        issuer: Box<str>,
    },
    /// A document could not be fetched.
    #[error("`{url}` could not be fetched: {reason}")]
    Fetch {
        /// The address.
        url: Box<str>,
        /// Why.
        reason: FetchError,
    },
    /// The metadata is not a strict JSON object.
    #[error("the metadata is not a JSON object: {fault}")]
    Json {
        /// What is wrong with it.
        fault: JsonFault,
    },
    /// A member of the metadata is absent or of the wrong type.
    #[error("the metadata's `{member}` must be {expected}")]
    Member {
        /// The name of the member.
        member: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// The metadata is that of another issuer.
    #[error("the metadata is that of another issuer: give the exact `issuer` that it names")]
    OtherIssuer,
    /// The published keys are refused.
    #[error("the published keys are refused: {0}")]
    Keys(#[from] KeyError),
}

impl From<JsonFault> for DiscoveryError {
    fn from(fault: JsonFault) -> Self {
        Self::Json { fault }
    }
}

/// What of the metadata is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) jwks_uri: Box<str>,
    /// What the issuer signs with, as far as it says so.
    pub(crate) algorithms: Vec<Algorithm>,
}

impl Metadata {
    /// Reads the metadata of `issuer`.
    pub(crate) fn read(text: &str, issuer: &str) -> Result<Self, DiscoveryError> {
        let mut named = None;
        let mut jwks_uri = None;
        let mut algorithms = Vec::new();
        json::object(text, |name, value| {
            match &*name.unescape() {
                "issuer" => named = Some(value),
                "jwks_uri" => jwks_uri = Some(string("jwks_uri", value)?),
                "id_token_signing_alg_values_supported" => read_algorithms(value, &mut algorithms)?,
                _ => {}
            }
            Ok::<_, DiscoveryError>(())
        })?;
        match named {
            Some(Value::String(named)) if named.is(issuer) => {}
            Some(Value::String(_)) => return Err(DiscoveryError::OtherIssuer),
            _ => return Err(member("issuer", "a string")),
        }
        let jwks_uri = jwks_uri.ok_or_else(|| member("jwks_uri", "a string"))?;
        Ok(Self { jwks_uri, algorithms })
    }

    /// The algorithms for keys that don't say theirs: one for each family.
    ///
    /// RSA keys without `alg` are common, and issuers that sign with several RSA algorithms say
    /// which key is for which. RS256 is the one that OpenID Connect requires of everybody.
    pub(crate) fn algorithm_of(&self, family: Family) -> Option<Algorithm> {
        let mut said = self.algorithms.iter().filter(|said| said.family() == family);
        match (said.next(), said.next()) {
            (Some(only), None) => Some(*only),
            _ => Self::usual_algorithm_of(family),
        }
    }

    /// The same without metadata.
    pub(crate) const fn usual_algorithm_of(family: Family) -> Option<Algorithm> {
        match family {
            Family::Secret => None,
            Family::Rsa => Some(Algorithm::Rs256),
            Family::P256 => Some(Algorithm::Es256),
            Family::P384 => Some(Algorithm::Es384),
            Family::Ed25519 => Some(Algorithm::EdDsa),
        }
    }
}

fn read_algorithms(
    value: Value<'_>,
    algorithms: &mut Vec<Algorithm>,
) -> Result<(), DiscoveryError> {
    const MEMBER: &str = "id_token_signing_alg_values_supported";
    let wrong = || member(MEMBER, "an array of strings");
    let Value::Array(names) = value else {
        return Err(wrong());
    };
    names.elements(|name| {
        let Value::String(name) = name else {
            return Err(wrong());
        };
        algorithms.extend(Algorithm::from_name(&name.unescape()));
        Ok(())
    })
}

/// Where the metadata of an issuer may be, in the order in which to look.
///
/// OpenID Connect appends to the issuer, RFC 8414 inserts in front of its path.
pub(crate) fn locations(issuer: &str) -> Result<Vec<String>, DiscoveryError> {
    let wrong = || DiscoveryError::Issuer { issuer: issuer.into() };
    let uri: http::Uri = issuer.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong());
    };
    if uri.query().is_some()
        || issuer.contains(['#', '?', '@'])
        || !matches!(scheme, "https" | "http")
    {
        return Err(wrong());
    }
    let base = issuer.trim_end_matches('/');
    let path = uri.path().trim_end_matches('/');
    Ok(vec![
        format!("{base}/.well-known/openid-configuration"),
        format!("{scheme}://{authority}/.well-known/oauth-authorization-server{path}"),
    ])
}

fn string(name: &'static str, value: Value<'_>) -> Result<Box<str>, DiscoveryError> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text.unescape().into()),
        _ => Err(member(name, "a string that is not empty")),
    }
}

#[cold]
fn member(member: &'static str, expected: &'static str) -> DiscoveryError {
    DiscoveryError::Member { member, expected }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, DiscoveryError, Family, Metadata, locations};

    const ISSUER: &str = "https://id.example.com/realms/shop";

    fn read(text: &str) -> Result<Metadata, DiscoveryError> {
        Metadata::read(text, ISSUER)
    }

    #[test]
    fn both_kinds_of_metadata_are_looked_for() {
        assert_eq!(
            locations(ISSUER).unwrap(),
            [
                "https://id.example.com/realms/shop/.well-known/openid-configuration",
                "https://id.example.com/.well-known/oauth-authorization-server/realms/shop",
            ]
        );
        assert_eq!(
            locations("https://tenant.example.com/").unwrap(),
            [
                "https://tenant.example.com/.well-known/openid-configuration",
                "https://tenant.example.com/.well-known/oauth-authorization-server",
            ]
        );
    }

    #[test]
    fn what_is_no_issuer_is_not_looked_for() {
        for issuer in [
            "",
            "id.example.com",
            "/realms/shop",
            "ftp://id.example.com",
            "https://a@b.example",
            "https://id.example.com?x=1",
            "https://id.example.com#x",
            "https://id example.com",
            "file:///etc/passwd",
        ] {
            assert!(matches!(locations(issuer), Err(DiscoveryError::Issuer { .. })), "{issuer}");
        }
    }

    #[test]
    fn the_issuer_is_compared_exactly() {
        let text = |issuer: &str| format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://k/"}}"#);
        assert_eq!(&*read(&text(ISSUER)).unwrap().jwks_uri, "https://k/");
        for other in
            ["https://id.example.com/realms/shop/", "https://ID.example.com/realms/shop", ""]
        {
            assert_eq!(read(&text(other)), Err(DiscoveryError::OtherIssuer), "{other}");
        }
    }

    #[test]
    fn what_is_missing_or_mistyped_is_told() {
        for (text, name) in [
            (r#"{"jwks_uri":"https://k/"}"#, "issuer"),
            (r#"{"issuer":["https://id.example.com/realms/shop"],"jwks_uri":"k"}"#, "issuer"),
            (r#"{"issuer":"https://id.example.com/realms/shop"}"#, "jwks_uri"),
            (r#"{"issuer":"https://id.example.com/realms/shop","jwks_uri":7}"#, "jwks_uri"),
            (r#"{"issuer":"https://id.example.com/realms/shop","jwks_uri":""}"#, "jwks_uri"),
            (
                r#"{"id_token_signing_alg_values_supported":"RS256"}"#,
                "id_token_signing_alg_values_supported",
            ),
        ] {
            match read(text) {
                Err(DiscoveryError::Member { member, .. }) => assert_eq!(member, name),
                other => panic!("{text}: {other:?}"),
            }
        }
        for text in ["", "[]", "<html>", "{", r#"{"issuer":"a","issuer":"b"}"#] {
            assert!(matches!(read(text), Err(DiscoveryError::Json { .. })), "{text}");
        }
    }

    #[test]
    fn an_rsa_key_without_alg_has_the_only_one_said_or_rs256() {
        let rsa = |algorithms: &[Algorithm]| {
            let metadata = Metadata { jwks_uri: "".into(), algorithms: algorithms.to_vec() };
            metadata.algorithm_of(Family::Rsa)
        };
        assert_eq!(rsa(&[]), Some(Algorithm::Rs256));
        assert_eq!(rsa(&[Algorithm::Ps256, Algorithm::Es256]), Some(Algorithm::Ps256));
        assert_eq!(rsa(&[Algorithm::Ps256, Algorithm::Rs512]), Some(Algorithm::Rs256));
    }
}
