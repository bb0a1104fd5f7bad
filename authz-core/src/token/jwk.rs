//! JSON Web Keys and sets of them (RFC 7517, RFC 7518 section 6, RFC 8037).
//!
//! A key that is for something else is passed over, so that one odd key does not sink a set. A
//! key that is for us and wrong, or that should never have been published, is an error.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;

use super::algorithm::{Algorithm, Family};
use super::compact::BASE64URL;
use super::confirmation::Thumbprint;
use super::json::{self, Span, Text, Value};
use super::key::{Key, wrong_family};
use super::key_error::KeyError;

/// The members that only a private key has (RFC 7518 sections 6.2.2 and 6.3.2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The most keys of a published set.
#[cfg(feature = "remote")]
const PUBLISHED_LIMIT: usize = 128;

/// Which algorithms the keys of a set may have.
#[derive(Clone, Copy)]
pub(crate) enum Allowed<'a> {
    /// These: a key with another `alg` is a mistake.
    Listed(&'a [Algorithm]),
    /// The set is one that an issuer publishes for everybody: keys for other algorithms are passed
    /// over, and a secret in it is no secret.
    #[cfg(feature = "remote")]
    Published {
        /// What a key may say.
        said: &'a [Algorithm],
        /// What a key is for that does not say: one for each family.
        unsaid: &'a [Algorithm],
    },
}

/// The usable keys of a JWK set, or the one of a single JWK.
pub(crate) fn keys(json: &str, algorithms: &[Algorithm]) -> Result<Vec<Key>, KeyError> {
    if algorithms.is_empty() {
        return Err(KeyError::NoAlgorithms);
    }
    read(json, Allowed::Listed(algorithms))
}

/// The usable keys of a set that an issuer publishes: there may be none.
#[cfg(feature = "remote")]
pub(crate) fn published_keys(
    json: &str,
    said: &[Algorithm],
    unsaid: &[Algorithm],
) -> Result<Vec<Key>, KeyError> {
    let keys = read(json, Allowed::Published { said, unsaid })?;
    if keys.len() > PUBLISHED_LIMIT {
        return Err(KeyError::TooManyKeys { limit: PUBLISHED_LIMIT });
    }
    Ok(keys)
}

/// The public key that a DPoP proof brings along (RFC 9449 section 4.2), if it is the one of this
/// thumbprint. Nothing costly is done with any other.
pub(crate) fn key_of_thumbprint(
    jwk: Span<'_>,
    algorithm: Algorithm,
    expected: &Thumbprint,
) -> Result<Option<Key>, KeyError> {
    let jwk = Jwk::read(|member| jwk.members(member), "the key".to_owned())?;
    if jwk.thumbprint(algorithm.family())? != *expected {
        return Ok(None);
    }
    let listed = [algorithm];
    match jwk.into_key(Allowed::Listed(&listed))? {
        Some(key) => Ok(Some(key)),
        None => Err(wrong_family("the key", algorithm)),
    }
}

fn read(json: &str, algorithms: Allowed<'_>) -> Result<Vec<Key>, KeyError> {
    let mut set = None;
    let mut single = false;
    json::object(json, |name, value| {
        if name.is("keys") {
            set = Some(value);
        }
        single |= name.is("kty");
        Ok::<_, KeyError>(())
    })?;
    match (set, single) {
        (Some(Value::Array(set)), false) => keys_of_set(set, algorithms),
        (None, true) if matches!(algorithms, Allowed::Listed(_)) => {
            let jwk = Jwk::read(|member| json::object(json, member), "the key".to_owned())?;
            Ok(jwk.into_key(algorithms)?.into_iter().collect())
        }
        _ => Err(KeyError::NotAKeySet),
    }
}

fn keys_of_set(set: Span<'_>, algorithms: Allowed<'_>) -> Result<Vec<Key>, KeyError> {
    let mut keys = Vec::new();
    let (mut secrets, mut public) = (false, false);
    let mut position = 0;
    set.elements(|element| {
        let Value::Object(element) = element else {
            return Err(KeyError::NotAKeySet);
        };
        position += 1;
        let jwk = Jwk::read(|member| element.members(member), format!("key {position}"))?;
        match jwk.key_type.as_deref() {
            Some("oct") => secrets = true,
            Some("RSA" | "EC" | "OKP") => public = true,
            _ => {}
        }
        #[cfg(feature = "remote")]
        if secrets && matches!(algorithms, Allowed::Published { .. }) {
            return Err(KeyError::PublishedSecret);
        }
        if secrets && public {
            return Err(KeyError::SecretBesidePublicKeys);
        }
        keys.extend(jwk.into_key(algorithms)?);
        Ok(())
    })?;
    Ok(keys)
}

/// A JWK as read; nothing is judged yet but the types of the members.
#[derive(Default)]
struct Jwk<'a> {
    /// The key in messages: its `kid`, or its position.
    label: String,
    key_type: Option<Cow<'a, str>>,
    public_key_use: Option<Cow<'a, str>>,
    operations: Option<Span<'a>>,
    algorithm: Option<Cow<'a, str>>,
    kid: Option<Cow<'a, str>>,
    curve: Option<Cow<'a, str>>,
    /// The members of the material, as they stand: `n`, `e`, `x`, `y`, `k`.
    material: [Option<Value<'a>>; 5],
    /// The first member that only a private key has.
    private: Option<&'static str>,
}

/// Positions in [`Jwk::material`].
const N: (usize, &str) = (0, "n");
const E: (usize, &str) = (1, "e");
const X: (usize, &str) = (2, "x");
const Y: (usize, &str) = (3, "y");
const K: (usize, &str) = (4, "k");

impl<'a> Jwk<'a> {
    fn read<F>(members: F, label: String) -> Result<Self, KeyError>
    where
        F: FnOnce(
            &mut dyn FnMut(Text<'a>, Value<'a>) -> Result<(), KeyError>,
        ) -> Result<(), KeyError>,
    {
        let mut jwk = Self { label, ..Self::default() };
        members(&mut |name, value| jwk.member(&name.unescape(), value))?;
        if let Some(kid) = &jwk.kid {
            jwk.label = format!("key `{kid}`");
        }
        Ok(jwk)
    }

    fn member(&mut self, name: &str, value: Value<'a>) -> Result<(), KeyError> {
        if let Some(private) = PRIVATE.into_iter().find(|private| *private == name) {
            self.private.get_or_insert(private);
        }
        match name {
            "kty" => self.key_type = Some(self.string("kty", value)?),
            "use" => self.public_key_use = Some(self.string("use", value)?),
            "alg" => self.algorithm = Some(self.string("alg", value)?),
            "kid" => self.kid = Some(self.string("kid", value)?),
            "crv" => self.curve = Some(self.string("crv", value)?),
            "key_ops" => match value {
                Value::Array(operations) => self.operations = Some(operations),
                _ => return Err(self.malformed("key_ops", "an array of strings")),
            },
            name => {
                for (index, member) in [N, E, X, Y, K] {
                    if name == member
                        && let Some(place) = self.material.get_mut(index)
                    {
                        *place = Some(value);
                    }
                }
            }
        }
        Ok(())
    }

    /// The key, unless it is for something else.
    fn into_key(self, algorithms: Allowed<'_>) -> Result<Option<Key>, KeyError> {
        let key_type = self
            .key_type
            .as_deref()
            .ok_or_else(|| self.malformed("kty", "present: `RSA`, `EC`, `OKP` or `oct`"))?;
        self.refuse_private(key_type)?;
        let Some(family) = self.family(key_type)? else {
            return Ok(None);
        };
        if !self.is_for_signatures()? {
            return Ok(None);
        }
        let Some(algorithm) = self.choose(family, algorithms)? else {
            return Ok(None);
        };
        let key = self.parse(family, algorithm)?;
        Ok(Some(match &self.kid {
            Some(kid) => key.with_kid(kid)?,
            None => key,
        }))
    }

    /// A private key in public is an alarm whatever else the key says.
    fn refuse_private(&self, key_type: &str) -> Result<(), KeyError> {
        match self.private {
            Some(member) if matches!(key_type, "RSA" | "EC" | "OKP") => {
                Err(KeyError::PrivateKey { key: self.label.as_str().into(), member: member.into() })
            }
            _ => Ok(()),
        }
    }

    fn family(&self, key_type: &str) -> Result<Option<Family>, KeyError> {
        let curve = |required: bool| match self.curve.as_deref() {
            None if required => {
                Err(self.malformed("crv", "present: `P-256`, `P-384` or `Ed25519`"))
            }
            curve => Ok(curve),
        };
        Ok(match key_type {
            "RSA" => Some(Family::Rsa),
            "oct" => Some(Family::Secret),
            "EC" => match curve(true)? {
                Some("P-256") => Some(Family::P256),
                Some("P-384") => Some(Family::P384),
                _ => None,
            },
            "OKP" => match curve(true)? {
                Some("Ed25519") => Some(Family::Ed25519),
                _ => None,
            },
            _ => None,
        })
    }

    /// `use` and `key_ops` (RFC 7517 sections 4.2 and 4.3).
    fn is_for_signatures(&self) -> Result<bool, KeyError> {
        if self.public_key_use.as_deref().is_some_and(|purpose| purpose != "sig") {
            return Ok(false);
        }
        let Some(operations) = self.operations else {
            return Ok(true);
        };
        let mut verifies = false;
        operations.elements(|operation| match operation {
            Value::String(operation) => {
                verifies |= operation.is("verify");
                Ok(())
            }
            _ => Err(self.malformed("key_ops", "an array of strings")),
        })?;
        Ok(verifies)
    }

    /// The one algorithm of the key: its own if that is listed, else the one listed for its family.
    fn choose(
        &self,
        family: Family,
        algorithms: Allowed<'_>,
    ) -> Result<Option<Algorithm>, KeyError> {
        let (said, unsaid) = match algorithms {
            Allowed::Listed(listed) => (listed, listed),
            #[cfg(feature = "remote")]
            Allowed::Published { said, unsaid } => (said, unsaid),
        };
        if let Some(name) = self.algorithm.as_deref() {
            let Some(algorithm) = Algorithm::from_name(name) else {
                return Ok(None);
            };
            if algorithm.family() != family {
                return Err(wrong_family(&self.label, algorithm));
            }
            return match algorithms {
                _ if said.contains(&algorithm) => Ok(Some(algorithm)),
                Allowed::Listed(_) => {
                    Err(KeyError::AlgorithmNotListed { key: self.label.as_str().into(), algorithm })
                }
                #[cfg(feature = "remote")]
                Allowed::Published { .. } => Ok(None),
            };
        }
        let mut fitting = unsaid.iter().copied().filter(|algorithm| algorithm.family() == family);
        let Some(first) = fitting.next() else {
            return Ok(None);
        };
        match fitting.find(|other| *other != first) {
            Some(second) => {
                Err(KeyError::AlgorithmAmbiguous { key: self.label.as_str().into(), first, second })
            }
            None => Ok(Some(first)),
        }
    }

    fn parse(&self, family: Family, algorithm: Algorithm) -> Result<Key, KeyError> {
        match family {
            Family::Rsa => Key::rsa(&self.integer(N)?, &self.integer(E)?, algorithm, &self.label),
            Family::P256 => {
                let point = self.point(32, "the base64url of 32 bytes")?;
                Key::elliptic(&point, algorithm, &self.label)
            }
            Family::P384 => {
                let point = self.point(48, "the base64url of 48 bytes")?;
                Key::elliptic(&point, algorithm, &self.label)
            }
            Family::Ed25519 => {
                let point = self.bytes_of_length(X, 32, "the base64url of 32 bytes")?;
                Key::ed25519(&point, algorithm, &self.label)
            }
            Family::Secret => {
                let secret = self.bytes(K)?;
                Key::secret(&secret, algorithm, &self.label)
            }
        }
    }

    /// The digest of the members that make the key, in the order of their names (RFC 7638 section 3).
    fn thumbprint(&self, family: Family) -> Result<Thumbprint, KeyError> {
        let member = |member| self.canonical(member);
        let json = match family {
            Family::Rsa => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, member(E)?, member(N)?)
            }
            Family::P256 | Family::P384 => format!(
                r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#,
                if family == Family::P256 { "P-256" } else { "P-384" },
                member(X)?,
                member(Y)?,
            ),
            Family::Ed25519 => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, member(X)?),
            Family::Secret => format!(r#"{{"k":"{}","kty":"oct"}}"#, member(K)?),
        };
        let mut thumbprint = Thumbprint::default();
        thumbprint.copy_from_slice(digest(&SHA256, json.as_bytes()).as_ref());
        Ok(thumbprint)
    }

    /// The text of a member: base64url, so that nothing in it has to be escaped.
    fn canonical(&self, member: (usize, &'static str)) -> Result<String, KeyError> {
        Ok(BASE64URL.encode(self.bytes(member)?))
    }

    /// `0x04`, x, y: the coordinates have exactly the length of the field (RFC 7518 section 6.2.1).
    fn point(&self, length: usize, expected: &'static str) -> Result<Vec<u8>, KeyError> {
        let mut point = vec![4];
        point.extend(self.bytes_of_length(X, length, expected)?);
        point.extend(self.bytes_of_length(Y, length, expected)?);
        Ok(point)
    }

    /// A positive integer in its shortest form (RFC 7518 section 2).
    fn integer(&self, member: (usize, &'static str)) -> Result<Vec<u8>, KeyError> {
        let bytes = self.bytes(member)?;
        match bytes.first() {
            Some(1..) => Ok(bytes),
            _ => Err(self
                .malformed(member.1, "the base64url of a positive integer without leading zeros")),
        }
    }

    fn bytes_of_length(
        &self,
        member: (usize, &'static str),
        length: usize,
        expected: &'static str,
    ) -> Result<Vec<u8>, KeyError> {
        let bytes = self.bytes(member)?;
        if bytes.len() == length { Ok(bytes) } else { Err(self.malformed(member.1, expected)) }
    }

    fn bytes(&self, (index, name): (usize, &'static str)) -> Result<Vec<u8>, KeyError> {
        const EXPECTED: &str = "a string of base64url without padding";
        let Some(Some(Value::String(text))) = self.material.get(index) else {
            return Err(self.malformed(name, EXPECTED));
        };
        BASE64URL.decode(text.unescape().as_bytes()).map_err(|_| self.malformed(name, EXPECTED))
    }

    fn string(&self, member: &'static str, value: Value<'a>) -> Result<Cow<'a, str>, KeyError> {
        match value {
            Value::String(text) => Ok(text.unescape()),
            _ => Err(self.malformed(member, "a string")),
        }
    }

    #[cold]
    fn malformed(&self, member: &'static str, expected: &'static str) -> KeyError {
        KeyError::Member { key: self.label.as_str().into(), member, expected }
    }
}
