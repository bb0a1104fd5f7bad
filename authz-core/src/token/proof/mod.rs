//! Proofs that the sender of a token has the key it is bound to: DPoP (RFC 9449).
//!
//! The checks are those of section 4.3, from cheap to dear. INVARIANT: the embedded key is compared
//! with the one that the token is bound to before a signature is checked with it, and no claim of
//! the proof is used before the signature is good.

mod address;
mod error;
mod nonce;
#[cfg(feature = "redis")]
mod redis;
mod replay;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine as _;
use http::{HeaderMap, HeaderName};
use tracing::Instrument as _;

use super::algorithm::{Algorithm, Family};
use super::claims::seconds;
use super::compact::{BASE64URL, Compact, decode};
use super::config_error::ConfigError;
use super::confirmation::Thumbprint;
use super::error::{JsonFault, Part, TokenError};
use super::header::{TokenType, refuse_unsupported};
use super::json::{self, Span, Text, Value};
use super::jwk;
use crate::http::RequestHead;
use crate::spans;
use address::Address;
pub use error::ProofError;
use nonce::Nonces;
#[cfg(feature = "redis")]
pub use redis::RedisReplayStore;
pub use replay::{FirstUse, MemoryReplayStore, ProofId, ReplayStore, ReplayStoreError};

/// The header field of a proof.
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The algorithms of proofs, as challenges and metadata name them.
pub(crate) const ALGORITHMS: [&str; 9] =
    ["ES256", "ES384", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];

/// How long a proof is good unless the settings say otherwise.
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(60);

/// The shortest secret of nonces, in bytes: as long as the hash (RFC 2104 section 3).
const SECRET_LENGTH: usize = 32;

/// Takes access tokens that are bound to a key of their sender: DPoP (RFC 9449).
///
/// Given to a verifier with [`VerifierBuilder::dpop`](super::VerifierBuilder::dpop). A request then
/// comes with `Authorization: DPoP` and the token, and with a proof in its header `DPoP`, which is
/// good for this request alone.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use authz_core::token::{Algorithm, Dpop, Issuer, KeySet};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let jwks = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// # let keys = KeySet::from_jwks(jwks, &[Algorithm::EdDsa])?;
/// let verifier = policy::Verifier::builder()
///     .issuer(Issuer::new("https://id.example.com", keys))
///     .audience("orders-api")
///     .dpop(Dpop::new("https://api.example.com"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "settings do nothing until they are given to a verifier"]
pub struct Dpop {
    origin: Box<str>,
    max_age: Duration,
    nonces: Option<NonceSecret>,
    store: Arc<dyn ReplayStore>,
}

#[derive(Clone)]
enum NonceSecret {
    /// One that this process makes.
    Own,
    Shared(Box<[u8]>),
}

impl Dpop {
    /// Proofs for the service at this address, as clients write it: scheme, host, the port if it is
    /// not the scheme's own, and the path before that of a request, if a proxy takes one away.
    ///
    /// The `Host` of a request is no part of this: whoever sends it chooses it.
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.into(),
            max_age: DEFAULT_MAX_AGE,
            nonces: None,
            store: Arc::new(MemoryReplayStore::new()),
        }
    }

    /// How long after its `iat` a proof is good, beside what clocks may differ: 60 seconds unless
    /// set, 1 second to 10 minutes.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// Asks for a nonce of this service in each proof (section 9), so that a client can't make proofs
    /// for later. A nonce is good for five to ten minutes.
    ///
    /// For a service of one node: another one would not know its nonces. For several there is
    /// [`shared_nonces`](Self::shared_nonces).
    pub fn nonces(mut self) -> Self {
        self.nonces = Some(NonceSecret::Own);
        self
    }

    /// As [`nonces`](Self::nonces), made with a secret of at least 32 random bytes that the nodes of
    /// this service share.
    pub fn shared_nonces(mut self, secret: &[u8]) -> Self {
        self.nonces = Some(NonceSecret::Shared(secret.into()));
        self
    }

    /// Remembers used proofs there; in the memory of this process unless set.
    pub fn replay_store(mut self, store: impl ReplayStore) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Checks the settings.
    pub(crate) fn checked(self) -> Result<Proofs, ConfigError> {
        let service = Address::parse(&self.origin)
            .filter(|_| !self.origin.contains(['?', '#']))
            .ok_or(ConfigError::DpopAddress { address: self.origin })?;
        let max_age = self.max_age.as_secs();
        if !(1..=600).contains(&max_age) {
            return Err(ConfigError::DpopMaxAge { seconds: max_age });
        }
        let nonces = match self.nonces {
            None => None,
            Some(NonceSecret::Own) => {
                let mut secret = [0; SECRET_LENGTH];
                let filled = SystemRandom::new().fill(&mut secret);
                filled.map_err(|_| ConfigError::NoRandomness)?;
                Some(Nonces::new(&secret))
            }
            Some(NonceSecret::Shared(secret)) if secret.len() >= SECRET_LENGTH => {
                Some(Nonces::new(&secret))
            }
            Some(NonceSecret::Shared(secret)) => {
                return Err(ConfigError::DpopNonceSecret { bytes: secret.len() });
            }
        };
        Ok(Proofs { service, max_age, nonces, store: self.store })
    }
}

/// Without the secret.
impl fmt::Debug for Dpop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dpop")
            .field("origin", &self.origin)
            .field("max_age", &self.max_age)
            .field("nonces", &self.nonces.is_some())
            .finish_non_exhaustive()
    }
}

/// Checks proofs, by settings that were checked.
pub(crate) struct Proofs {
    service: Address,
    /// Seconds.
    max_age: u64,
    nonces: Option<Nonces>,
    store: Arc<dyn ReplayStore>,
}

/// What a proof has to be about.
pub(crate) struct Wanted<'a> {
    pub(crate) head: RequestHead<'a>,
    /// The access token, as it was sent.
    pub(crate) token: &'a str,
    /// The key that the token is bound to.
    pub(crate) key: &'a Thumbprint,
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// Seconds.
    pub(crate) leeway: u64,
    /// The longest proof that is read, in bytes.
    pub(crate) max_length: usize,
}

/// A proof that is good unless it was used before.
#[derive(Debug)]
struct Unused {
    id: ProofId,
    /// The last second in which it is good.
    until: u64,
}

impl Proofs {
    /// Requires that the request has a good proof, and uses it up.
    pub(crate) async fn require(&self, wanted: &Wanted<'_>) -> Result<(), ProofError> {
        let Unused { id, until } = self.judge(wanted)?;
        match self.store.first_use(id, wanted.now, until).instrument(spans::first_use()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ProofError::Replayed),
            Err(error) => {
                tracing::error!(target: "authz::dpop", %error, "no answer of the replay store");
                Err(ProofError::Unavailable { reason: error.to_string().into() })
            }
        }
    }

    /// The nonce for the next proof, where there has to be one.
    pub(crate) fn nonce(&self, now: u64) -> Option<String> {
        self.nonces.as_ref().map(|nonces| nonces.current(now))
    }

    /// Every check but whether the proof was used before.
    fn judge(&self, wanted: &Wanted<'_>) -> Result<Unused, ProofError> {
        let proof = Compact::split(only_proof(wanted.head.headers())?, wanted.max_length)?;
        let header = text(proof.header, Part::Header)?;
        verify_signature(&proof, &ProofHeader::read(&header)?, wanted.key)?;
        let payload = text(proof.payload, Part::Payload)?;
        let claims = ProofClaims::read(&payload)?;
        self.require_this_request(&claims, wanted)?;
        if let Some(nonces) = &self.nonces {
            let nonce = claims.nonce.map(|value| string("nonce", value)).transpose()?;
            if !nonce.is_some_and(|nonce| nonces.is_good(&nonce.unescape(), wanted.now)) {
                return Err(ProofError::Nonce);
            }
        }
        let until = self.require_time(&claims, wanted)?;
        let id = required("jti", claims.id)?.unescape();
        if id.is_empty() {
            return Err(ProofError::NoId);
        }
        Ok(Unused { id: proof_id(wanted.key, &id), until })
    }

    /// `htm`, `htu` and `ath`.
    fn require_this_request(
        &self,
        claims: &ProofClaims<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<(), ProofError> {
        if !required("htm", claims.method)?.is(wanted.head.method().as_str()) {
            return Err(ProofError::Method);
        }
        let claimed = Address::parse(&required("htu", claims.address)?.unescape());
        if claimed.is_none() || claimed != self.service.of_path(wanted.head.uri().path()) {
            return Err(ProofError::Address);
        }
        let hash = BASE64URL.encode(digest::digest(&SHA256, wanted.token.as_bytes()));
        if !required("ath", claims.token_hash)?.is(&hash) {
            return Err(ProofError::TokenHash);
        }
        Ok(())
    }

    /// `iat`; the result is the last second in which the proof is good.
    fn require_time(
        &self,
        claims: &ProofClaims<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<u64, ProofError> {
        let made = claims.made.ok_or_else(|| TokenError::missing("iat"))?;
        let made = seconds("iat", made)?;
        if made > wanted.now.saturating_add(wanted.leeway) {
            return Err(ProofError::InFuture);
        }
        let until = made.saturating_add(self.max_age).saturating_add(wanted.leeway);
        if wanted.now > until {
            return Err(ProofError::TooOld);
        }
        Ok(until)
    }
}

/// The one proof of a request.
fn only_proof(headers: &HeaderMap) -> Result<&str, ProofError> {
    let mut fields = headers.get_all(DPOP).iter();
    let field = fields.next().ok_or(ProofError::Missing)?;
    if fields.next().is_some() {
        return Err(ProofError::Several);
    }
    Ok(field.to_str().map_err(|_| TokenError::Character)?)
}

fn text(part: &str, kind: Part) -> Result<String, TokenError> {
    String::from_utf8(decode(part, kind)?).map_err(|_| TokenError::Utf8 { part: kind })
}

/// With the key in the header, which has to be the one that the token is bound to.
fn verify_signature(
    proof: &Compact<'_>,
    header: &ProofHeader<'_>,
    key: &Thumbprint,
) -> Result<(), ProofError> {
    let found = jwk::key_of_thumbprint(header.key, header.algorithm, key);
    let key = found.map_err(ProofError::Key)?.ok_or(ProofError::OtherKey)?;
    let mut buffer = [0; super::compact::SIGNATURE_LIMIT];
    key.verify(proof.signed.as_bytes(), proof.signature(&mut buffer)?)?;
    Ok(())
}

/// A `jti` is unique for one key only (section 4.2), and both are of bounded length this way.
fn proof_id(key: &Thumbprint, id: &str) -> ProofId {
    let mut context = digest::Context::new(&SHA256);
    context.update(key);
    context.update(id.as_bytes());
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    ProofId::new(digest)
}

/// What the header of a proof says.
struct ProofHeader<'a> {
    algorithm: Algorithm,
    key: Span<'a>,
}

impl<'a> ProofHeader<'a> {
    fn read(text: &'a str) -> Result<Self, ProofError> {
        let (mut algorithm, mut token_type, mut key) = (None, TokenType::Absent, None);
        json::object(text, |name, value| {
            match &*name.unescape() {
                "alg" => algorithm = Some(value),
                "typ" => token_type = TokenType::of(string("typ", value)?),
                "jwk" => key = Some(value),
                name => refuse_unsupported(name)?,
            }
            Ok::<_, Fault>(())
        })
        .map_err(|fault| fault.in_part(Part::Header))?;
        if token_type != TokenType::Proof {
            return Err(ProofError::Type);
        }
        let Some(Value::String(algorithm)) = algorithm else {
            return Err(TokenError::AlgorithmMissing.into());
        };
        let algorithm =
            Algorithm::from_name(&algorithm.unescape()).ok_or(TokenError::AlgorithmUnsupported)?;
        if algorithm.family() == Family::Secret {
            return Err(ProofError::Symmetric);
        }
        match key {
            Some(Value::Object(key)) => Ok(Self { algorithm, key }),
            _ => Err(ProofError::NoKey),
        }
    }
}

/// The claims of a proof, where they stand.
#[derive(Default)]
struct ProofClaims<'a> {
    id: Option<Value<'a>>,
    method: Option<Value<'a>>,
    address: Option<Value<'a>>,
    made: Option<Value<'a>>,
    token_hash: Option<Value<'a>>,
    nonce: Option<Value<'a>>,
}

impl<'a> ProofClaims<'a> {
    fn read(text: &'a str) -> Result<Self, ProofError> {
        let mut claims = Self::default();
        json::object(text, |name, value| {
            let place = match &*name.unescape() {
                "jti" => &mut claims.id,
                "htm" => &mut claims.method,
                "htu" => &mut claims.address,
                "iat" => &mut claims.made,
                "ath" => &mut claims.token_hash,
                "nonce" => &mut claims.nonce,
                _ => return Ok(()),
            };
            *place = Some(value);
            Ok::<_, Fault>(())
        })
        .map_err(|fault| fault.in_part(Part::Payload))?;
        Ok(claims)
    }
}

/// The fault of the JSON, or of what it says.
enum Fault {
    Json(JsonFault),
    Token(TokenError),
}

impl Fault {
    fn in_part(self, part: Part) -> TokenError {
        match self {
            Self::Json(fault) => TokenError::Json { part, fault },
            Self::Token(error) => error,
        }
    }
}

impl From<JsonFault> for Fault {
    fn from(fault: JsonFault) -> Self {
        Self::Json(fault)
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

fn required<'a>(name: &str, value: Option<Value<'a>>) -> Result<Text<'a>, TokenError> {
    string(name, value.ok_or_else(|| TokenError::missing(name))?)
}

fn string<'a>(name: &str, value: Value<'a>) -> Result<Text<'a>, TokenError> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(TokenError::mistyped(name, "a string")),
    }
}
