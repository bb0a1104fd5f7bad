//! The configuration of a verifier, checked as a whole when it is built.

#[cfg(any(feature = "remote", test))]
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::denied::Realm;
use crate::policy::Policy;

use super::DEFAULT_REALM;
use super::cache::{self, TokenCache};
use super::certificate::CertificateSource;
use super::claims::ROLE_CLAIM_LIMIT;
use super::compact::DEFAULT_LENGTH_LIMIT;
use super::config_error::ConfigError;
use super::issuer::{Issuer, TypeRule};
#[cfg(feature = "remote")]
use super::keys::Keys;
use super::mapping::{ClaimMapping, MfaRule, TenantRule};
use super::names::Names;
use super::proof::Dpop;
#[cfg(feature = "remote")]
use super::remote::{self, HttpClient, Introspector};
use super::revocation::Revocations;
#[cfg(feature = "remote")]
use super::verifier::Wanted;
use super::verifier::{Inner, Trusted, Verifier};

/// How far clocks may differ unless the verifier says otherwise, in seconds.
const DEFAULT_LEEWAY: u64 = 30;
/// How far clocks may differ without `danger`, in seconds.
const LEEWAY_LIMIT: u64 = 60;
/// The longest token that a verifier can be told to read, in bytes.
const LENGTH_LIMIT: usize = 1024 * 1024;

/// Configures a [`Verifier`]; mistakes come out of `build`.
///
/// `K` tells whether keys have to be fetched: [`Verifier::builder`] begins with [`Given`],
/// [`Verifier::discover`] with `Fetched`, whose `build` has to be awaited.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct VerifierBuilder<P: Policy, K = Given> {
    issuers: Vec<Issuer>,
    audiences: Vec<Box<str>>,
    realm: Box<str>,
    metadata: Option<Box<str>>,
    leeway: u64,
    any_leeway: bool,
    max_age: Option<u64>,
    max_length: usize,
    clock: Clock,
    cache: Option<cache::Limits>,
    revocations: Option<Revocations>,
    dpop: Option<Dpop>,
    certificates: Option<CertificateSource>,
    #[cfg(feature = "remote")]
    client: Option<Arc<dyn HttpClient>>,
    policy: std::marker::PhantomData<fn() -> (P, K)>,
}

/// All keys are given by configuration.
#[derive(Clone, Copy, Debug)]
pub enum Given {}

/// Keys are fetched from the issuer (feature `remote`).
#[cfg(feature = "remote")]
#[derive(Clone, Copy, Debug)]
pub enum Fetched {}

impl<P: Policy, K> VerifierBuilder<P, K> {
    pub(super) fn new() -> Self {
        Self {
            issuers: Vec::new(),
            audiences: Vec::new(),
            realm: DEFAULT_REALM.into(),
            metadata: None,
            leeway: DEFAULT_LEEWAY,
            any_leeway: false,
            max_age: None,
            max_length: DEFAULT_LENGTH_LIMIT,
            clock: Clock::default(),
            cache: Some(cache::Limits {
                entries: cache::DEFAULT_ENTRIES,
                bytes: cache::DEFAULT_BYTES,
            }),
            revocations: None,
            dpop: None,
            certificates: None,
            #[cfg(feature = "remote")]
            client: None,
            policy: std::marker::PhantomData,
        }
    }

    /// Accepts tokens of this issuer. Several calls accept each of the issuers, of which each has to
    /// say which roles it can grant: see [`ClaimMapping::all_roles`].
    pub fn issuer(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// The name of this service in `aud`, for issuers that have none of their own. Several calls
    /// accept each of the names.
    pub fn audience(mut self, audience: &str) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// The `realm` of challenges: `api` unless set (RFC 6750 section 3).
    pub fn realm(mut self, realm: &str) -> Self {
        self.realm = realm.into();
        self
    }

    /// Where the service serves its [`ProtectedResource`](crate::http::ProtectedResource), an `https`
    /// address: challenges tell it as `resource_metadata` (RFC 9728 section 5.1), so that a client which
    /// knows the service alone learns where to get a token.
    ///
    /// # Examples
    ///
    /// ```
    /// # use authz_core::{Policy, token::VerifierBuilder};
    /// fn described<P: Policy>(builder: VerifierBuilder<P>) -> VerifierBuilder<P> {
    ///     let metadata = "https://api.example.com/.well-known/oauth-protected-resource";
    ///     builder.resource_metadata(metadata)
    /// }
    /// ```
    pub fn resource_metadata(mut self, url: &str) -> Self {
        self.metadata = Some(url.into());
        self
    }

    /// How far the clocks of issuer and service may differ: 30 seconds unless set, at most 60.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.as_secs();
        self.any_leeway = false;
        self
    }

    /// As [`leeway`](Self::leeway), without the limit: expired tokens stay valid for that long.
    pub fn danger_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.as_secs();
        self.any_leeway = true;
        self
    }

    /// Refuses tokens that were issued longer ago, whatever their `exp` says.
    pub fn max_token_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age.as_secs());
        self
    }

    /// The longest token that is read, in bytes: 8192 unless set.
    pub fn max_token_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// How many verified tokens are remembered, and how many bytes they may take: 10,000 and 64 MiB
    /// unless set.
    ///
    /// A token that was verified is not verified again while it is remembered. Whether it has
    /// expired, whether its issuer still has the same keys and whether it is revoked is checked
    /// with every request all the same.
    pub fn remember_tokens(mut self, entries: usize, bytes: usize) -> Self {
        self.cache = Some(cache::Limits { entries, bytes });
        self
    }

    /// Verifies each token from the beginning with every request.
    pub fn without_cache(mut self) -> Self {
        self.cache = None;
        self
    }

    /// Refuses what is revoked there.
    ///
    /// Tokens that live longer than revocations are remembered are refused as well.
    pub fn revocations(mut self, revocations: &Revocations) -> Self {
        self.revocations = Some(revocations.clone());
        self
    }

    /// Takes tokens that are bound to a key of their sender (RFC 9449): see [`Dpop`].
    ///
    /// Tokens that are bound to nothing are taken as before.
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.dpop = Some(dpop);
        self
    }

    /// Takes tokens that are bound to a certificate of their sender (RFC 8705), and compares it with
    /// the [`ClientCertificate`](super::ClientCertificate) in the extensions of the request.
    ///
    /// Whatever ends TLS in this process has to put it there. No header field is looked at.
    pub fn mutual_tls(mut self) -> Self {
        self.certificates = Some(CertificateSource::Connection);
        self
    }

    /// As [`mutual_tls`](Self::mutual_tls), with the certificate that a proxy names in the header
    /// field `Client-Cert` (RFC 9440).
    ///
    /// For a service that only this proxy can reach, if the proxy removes what clients say in that
    /// field. Otherwise whoever steals a token names its certificate as well, which is no secret.
    pub fn danger_mutual_tls_by_proxy(mut self) -> Self {
        self.certificates = Some(CertificateSource::Proxy);
        self
    }

    /// Takes the time from a clock that a test moves.
    #[cfg(feature = "testing")]
    pub fn clock(mut self, clock: &crate::testing::Clock) -> Self {
        self.clock = clock.source();
        self
    }

    /// Takes the time from a number that a unit test sets, in seconds since 1970.
    #[cfg(test)]
    pub(crate) fn seconds(mut self, seconds: Arc<std::sync::atomic::AtomicU64>) -> Self {
        self.clock = Clock::Set(seconds);
        self
    }

    /// Fetches keys with this client instead of the one of the feature `reqwest`.
    #[cfg(feature = "remote")]
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.client = Some(Arc::new(client));
        self
    }

    /// Checks the configuration. Keys that have to be fetched are still wanted then.
    fn checked(self) -> Result<Inner<P>, ConfigError> {
        if self.issuers.is_empty() {
            return Err(ConfigError::NoIssuer);
        }
        if self.leeway > LEEWAY_LIMIT && !self.any_leeway {
            return Err(ConfigError::Leeway { seconds: self.leeway });
        }
        if self.max_age == Some(0) {
            return Err(ConfigError::MaxTokenAge);
        }
        if !(1..=LENGTH_LIMIT).contains(&self.max_length) {
            return Err(ConfigError::MaxTokenLength { bytes: self.max_length });
        }
        require_realm(&self.realm)?;
        self.metadata.as_deref().map_or(Ok(()), require_metadata)?;
        let mut issuers: Vec<Trusted<P>> = Vec::new();
        for issuer in self.issuers {
            if issuers.iter().any(|other| *other.name == *issuer.name) {
                return Err(ConfigError::DuplicateIssuer { issuer: issuer.name });
            }
            issuers.push(Trusted::new(issuer, &self.audiences)?);
        }
        require_said_roles(&issuers)?;
        choose_home(&mut issuers)?;
        #[cfg(feature = "remote")]
        if issuers.iter().filter(|issuer| issuer.introspection.is_some()).count() > 1 {
            return Err(ConfigError::SeveralIntrospections);
        }
        let proofs = self.dpop.map(Dpop::checked).transpose()?;
        Ok(Inner {
            realm: Realm::new(&self.realm, proofs.is_some()).described_at(self.metadata.as_deref()),
            issuers: issuers.into(),
            leeway: self.leeway,
            max_age: self.max_age,
            max_length: self.max_length,
            clock: self.clock,
            // Without randomness for its seed there is no cache, and every token is verified.
            cache: self.cache.and_then(TokenCache::new),
            revocations: self.revocations,
            proofs,
            certificates: self.certificates,
        })
    }

    /// A verifier without an issuer, for [`Verifier::of`].
    pub(super) fn of_nobody(self) -> Inner<P> {
        Inner {
            realm: Realm::new(&self.realm, false).described_at(self.metadata.as_deref()),
            issuers: Box::default(),
            leeway: self.leeway,
            max_age: None,
            max_length: self.max_length,
            clock: self.clock,
            cache: None,
            revocations: None,
            proofs: None,
            certificates: None,
        }
    }
}

impl<P: Policy> VerifierBuilder<P> {
    /// Checks the configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] naming the field and the remedy.
    pub fn build(self) -> Result<Verifier<P>, ConfigError> {
        let inner = self.checked()?;
        #[cfg(feature = "remote")]
        if let Some(issuer) = inner
            .issuers
            .iter()
            .find(|one| matches!(one.keys, Keys::Wanted(_)) || one.introspection.is_some())
        {
            return Err(ConfigError::NotConnected { issuer: (&*issuer.name).into() });
        }
        Ok(Verifier::new(inner))
    }

    /// As [`build`](Self::build), and fetches the keys of issuers that publish them.
    ///
    /// For several issuers; with one, begin with [`Verifier::discover`].
    ///
    /// # Errors
    ///
    /// [`ConfigError`] naming the field and the remedy, or the issuer that doesn't answer.
    #[cfg(feature = "remote")]
    pub async fn connect(self) -> Result<Verifier<P>, ConfigError> {
        self.connected().await
    }
}

#[cfg(feature = "remote")]
impl<P: Policy> VerifierBuilder<P, Fetched> {
    /// Checks the configuration and fetches the keys.
    ///
    /// A task of the current tokio runtime keeps them fresh until the last clone of the verifier is
    /// dropped.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] naming the field and the remedy, or the issuer that doesn't answer.
    pub async fn build(self) -> Result<Verifier<P>, ConfigError> {
        self.connected().await
    }
}

#[cfg(feature = "remote")]
impl<P: Policy, K> VerifierBuilder<P, K> {
    async fn connected(mut self) -> Result<Verifier<P>, ConfigError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(ConfigError::NoRuntime);
        }
        let client = self.client.take();
        let mut inner = self.checked()?;
        let client = match client {
            Some(client) => client,
            None => default_client()?,
        };
        for trusted in &mut inner.issuers {
            if let Some(Wanted { settings, insecure }) = trusted.introspection.take() {
                let introspector = Introspector::new(settings, insecure, Arc::clone(&client));
                trusted.introspector = Some(introspector);
            }
            if let Keys::Wanted(remote) = &trusted.keys {
                let start = remote::start(
                    Arc::clone(&trusted.name),
                    remote.clone(),
                    Arc::clone(&client),
                    inner.clock.clone(),
                );
                let keys = start.await.map_err(|reason| ConfigError::Discovery {
                    issuer: (&*trusted.name).into(),
                    reason,
                })?;
                trusted.keys = Keys::Remote(keys);
            }
        }
        Ok(Verifier::new(inner))
    }
}

#[cfg(feature = "reqwest")]
fn default_client() -> Result<Arc<dyn HttpClient>, ConfigError> {
    match remote::ReqwestClient::new() {
        Ok(client) => Ok(Arc::new(client)),
        Err(reason) => Err(ConfigError::HttpClient { reason }),
    }
}

#[cfg(all(feature = "remote", not(feature = "reqwest")))]
fn default_client() -> Result<Arc<dyn HttpClient>, ConfigError> {
    Err(ConfigError::NoHttpClient)
}

impl<P: Policy> Trusted<P> {
    fn new(issuer: Issuer, audiences: &[Box<str>]) -> Result<Self, ConfigError> {
        if issuer.name.is_empty() {
            return Err(ConfigError::EmptyIssuer);
        }
        if let Some(field) = issuer.misplaced {
            return Err(ConfigError::NotFetched { issuer: issuer.name, field });
        }
        let audiences =
            if issuer.audiences.is_empty() { audiences.into() } else { issuer.audiences };
        if audiences.is_empty() {
            return Err(ConfigError::NoAudience { issuer: issuer.name });
        }
        if audiences.iter().any(|audience| audience.is_empty()) {
            return Err(ConfigError::EmptyAudience);
        }
        require_mapping(&issuer.name, &issuer.mapping)?;
        let names = Names::resolve(&issuer.name, &issuer.mapping, issuer.scope_source)?;
        let plain = issuer.mapping.plain_type;
        Ok(Self {
            types: issuer.types.max(if plain { TypeRule::Plain } else { TypeRule::AccessToken }),
            name: issuer.name.into(),
            keys: issuer.keys.into_keys(),
            #[cfg(feature = "remote")]
            introspection: issuer
                .introspection
                .map(|settings| Wanted { settings, insecure: issuer.insecure_introspection }),
            #[cfg(feature = "remote")]
            introspector: None,
            audiences: audiences.into(),
            mapping: issuer.mapping,
            names,
        })
    }
}

/// A role's name from one issuer is not the role of another unless that is said.
fn require_said_roles<P: Policy>(issuers: &[Trusted<P>]) -> Result<(), ConfigError> {
    match issuers.iter().find(|issuer| !issuer.mapping.says_which_roles()) {
        Some(issuer) if issuers.len() > 1 => {
            Err(ConfigError::RolesOfSeveralIssuers { issuer: (&*issuer.name).into() })
        }
        _ => Ok(()),
    }
}

/// Whose subjects are meant where an object names no issuer: those of the only one, or of the one
/// that is said to be it.
fn choose_home<P: Policy>(issuers: &mut [Trusted<P>]) -> Result<(), ConfigError> {
    if let [only] = issuers {
        only.mapping.home = true;
    }
    match issuers.iter().filter(|issuer| issuer.mapping.home).nth(1) {
        Some(second) => Err(ConfigError::SeveralHomeIssuers { issuer: (&*second.name).into() }),
        None => Ok(()),
    }
}

/// A realm stands between quotes in a header (RFC 9110 section 5.6.4).
fn require_realm(realm: &str) -> Result<(), ConfigError> {
    let fits = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if realm.is_empty() || !realm.bytes().all(fits) {
        return Err(ConfigError::Realm);
    }
    Ok(())
}

/// RFC 9728 section 3: `https`, and no fragment.
fn require_metadata(url: &str) -> Result<(), ConfigError> {
    let fits = |byte: u8| matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b'\\' | b'#');
    let host = url.strip_prefix("https://").unwrap_or_default();
    if host.is_empty() || !host.bytes().all(fits) {
        return Err(ConfigError::ResourceMetadata { url: url.into() });
    }
    Ok(())
}

fn require_mapping(issuer: &str, mapping: &ClaimMapping) -> Result<(), ConfigError> {
    if mapping.roles.len() > ROLE_CLAIM_LIMIT {
        return Err(ConfigError::TooManyRoleClaims {
            issuer: issuer.into(),
            limit: ROLE_CLAIM_LIMIT,
        });
    }
    if mapping.roles.iter().any(|claim| claim.whole.contains("{client}")) {
        return Err(ConfigError::NoClient { issuer: issuer.into() });
    }
    match empty_name(mapping) {
        Some(field) => Err(ConfigError::EmptyName { issuer: issuer.into(), field }),
        None => Ok(()),
    }
}

/// The method of the mapping that was given an empty name.
fn empty_name(mapping: &ClaimMapping) -> Option<&'static str> {
    let empty = |name: &str| name.is_empty();
    let either = |(left, right): &(Box<str>, Box<str>)| left.is_empty() || right.is_empty();
    let no_class = match &mapping.mfa {
        MfaRule::Amr => false,
        MfaRule::Acr(classes) => classes.is_empty() || classes.iter().any(|class| empty(class)),
    };
    let roles = mapping
        .roles
        .iter()
        .any(|claim| claim.whole.is_empty() || claim.path.iter().any(|step| empty(step)));
    [
        ("client_from", mapping.client.iter().any(|name| empty(name))),
        ("token_id_from", mapping.token_id.is_empty()),
        ("tenant_from", matches!(&mapping.tenant, Some(TenantRule::Claim(name)) if empty(name))),
        ("tenant", matches!(&mapping.tenant, Some(TenantRule::Fixed(name)) if empty(name))),
        ("scopes_from", mapping.scopes.is_empty()),
        ("roles_from", roles),
        ("role_named", mapping.role_names.iter().any(either)),
        ("scope_named", mapping.scope_names.iter().any(either)),
        ("role_prefix", mapping.role_prefix.as_ref().is_some_and(|name| empty(name))),
        ("require", mapping.required.iter().any(either)),
        ("mfa_by_acr", no_class),
    ]
    .into_iter()
    .find_map(|(field, is_empty)| is_empty.then_some(field))
}
