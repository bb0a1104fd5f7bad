//! The verifier: from the text of a token to a verified identity.
//!
//! The order of work makes refusals cheap: length and alphabet, header, choice of key, signature,
//! claims. INVARIANT: before the signature is good, the claims are read for one thing only, and
//! only with several issuers: which issuer's keys to try.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::authenticator::{Authenticator, Chain};
use crate::clock::Clock;
use crate::identity::{self, Identity, Verified};
use crate::policy::Policy;

use super::DEFAULT_REALM;
use super::claims::{self, Claims, ROLE_CLAIM_LIMIT, Times};
use super::compact::{Compact, DEFAULT_LENGTH_LIMIT};
use super::config_error::ConfigError;
use super::error::{Part, TokenError};
use super::header::{Header, HeaderBuffer, TokenType};
use super::issuer::{Issuer, TypeRule};
use super::json::Text;
use super::keys::{Keys, Refusal};
use super::mapping::{ClaimMapping, MfaRule};
use super::names::Names;
#[cfg(feature = "remote")]
use super::remote::{self, HttpClient};

/// How far clocks may differ unless the verifier says otherwise, in seconds.
const DEFAULT_LEEWAY: u64 = 30;
/// How far clocks may differ without `danger`, in seconds.
const LEEWAY_LIMIT: u64 = 60;
/// The longest token that a verifier can be told to read, in bytes.
const LENGTH_LIMIT: usize = 1024 * 1024;

/// Verifies access tokens and gives out identities under the policy `P`.
///
/// Cloning is cheap: clones share the configuration. Everything is fixed when it is built.
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
/// use authz_core::token::{Algorithm, Issuer, KeySet, TokenError};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let jwks = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let keys = KeySet::from_jwks(jwks, &[Algorithm::EdDsa])?;
/// let verifier = policy::Verifier::builder()
///     .issuer(Issuer::new("https://id.example.com", keys))
///     .audience("orders-api")
///     .realm("orders")
///     .build()?;
///
/// # let check = async {
/// let refused = verifier.verify("not a token").await;
/// assert_eq!(refused.unwrap_err(), TokenError::Character);
/// # };
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(check);
/// # Ok(())
/// # }
/// ```
pub struct Verifier<P: Policy> {
    inner: Arc<Inner<P>>,
    /// Who is asked for an identity before a token is looked for.
    before: Option<Arc<Chain<P>>>,
}

struct Inner<P: Policy> {
    realm: Arc<str>,
    issuers: Box<[Trusted<P>]>,
    /// Seconds.
    leeway: u64,
    /// Seconds.
    max_age: Option<u64>,
    /// Bytes.
    max_length: usize,
    clock: Clock,
}

/// An issuer whose configuration was checked.
struct Trusted<P: Policy> {
    name: Arc<str>,
    keys: Keys,
    audiences: Box<[Box<str>]>,
    mapping: ClaimMapping,
    names: Names<P>,
    types: TypeRule,
}

impl<P: Policy> Verifier<P> {
    /// A verifier without an issuer yet.
    pub fn builder() -> VerifierBuilder<P> {
        VerifierBuilder::new()
    }

    /// A verifier for one issuer whose keys are fetched and kept fresh (feature `remote`).
    ///
    /// Takes the address of the issuer, or an [`Issuer`] with more to say about it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # mod policy {
    /// #     use authz_core::{Roles, Scopes};
    /// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    /// #     pub enum Role { Clerk }
    /// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    /// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
    /// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
    /// # }
    /// # async fn example() -> Result<(), authz_core::token::ConfigError> {
    /// let verifier = policy::Verifier::discover("https://id.example.com/realms/shop")
    ///     .audience("orders-api")
    ///     .build()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// # fn main() {}
    /// ```
    #[cfg(feature = "remote")]
    pub fn discover(issuer: impl Into<Issuer>) -> VerifierBuilder<P, Fetched> {
        VerifierBuilder::new().issuer(issuer.into())
    }

    /// The identity of a token, if it is to be trusted.
    ///
    /// This waits where the issuer may have a new key, and for nothing else.
    ///
    /// # Errors
    ///
    /// [`TokenError`] for the log; the caller learns only that the token is not valid, or with
    /// [`TokenError::Unavailable`] that nothing is known about it.
    pub async fn verify(&self, token: &str) -> Result<Identity<P>, TokenError> {
        match self.attempt(token) {
            Err(Refusal::Keys(keys)) => {
                keys.fly().await;
                self.attempt(token)
            }
            done => done,
        }
        .map_err(Refusal::into_error)
    }

    /// As [`verify`](Self::verify), as far as that goes without waiting.
    pub(crate) fn attempt(&self, token: &str) -> Result<Identity<P>, Refusal<'_>> {
        let inner = &*self.inner;
        let token = Compact::split(token, inner.max_length)?;
        let mut buffer = HeaderBuffer::new();
        let header = Header::read(&token, &mut buffer)?;
        let now = inner.clock.now();
        let (issuer, payload) = inner.verified_payload(&token, &header, now)?;
        Ok(inner.identify(issuer, payload, header.token_type, now)?)
    }

    /// As [`attempt`](Self::attempt), for tests that wait for nothing.
    #[cfg(test)]
    pub(crate) fn verify_now(&self, token: &str) -> Result<Identity<P>, TokenError> {
        self.attempt(token).map_err(Refusal::into_error)
    }

    /// A verifier of no tokens: the only identities are those of `authenticator`.
    ///
    /// A bearer token that `authenticator` leaves alone is refused.
    pub fn of(authenticator: impl Authenticator<P>) -> Self {
        let nobody = Inner {
            realm: DEFAULT_REALM.into(),
            issuers: Box::default(),
            leeway: DEFAULT_LEEWAY,
            max_age: None,
            max_length: DEFAULT_LENGTH_LIMIT,
            clock: Clock::default(),
        };
        Self { inner: Arc::new(nobody), before: None }.after(authenticator)
    }

    /// Asks `authenticator` first, and looks for a bearer token only in requests without
    /// credentials of its kind. Of several, the one added last is asked first.
    ///
    /// [`verify`](Self::verify), which takes a token and no request, asks nobody.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::token::Verifier;
    /// use authz_core::{Authenticator, Policy};
    ///
    /// fn both<P: Policy>(sessions: impl Authenticator<P>, tokens: Verifier<P>) -> Verifier<P> {
    ///     tokens.after(sessions)
    /// }
    /// ```
    #[must_use]
    pub fn after(self, authenticator: impl Authenticator<P>) -> Self {
        Self { before: Some(Chain::new(authenticator, self.before)), inner: self.inner }
    }

    /// Who is asked before a token is looked for.
    pub(crate) fn before(&self) -> Option<&Chain<P>> {
        self.before.as_deref()
    }

    /// The `realm` of challenges.
    pub(crate) fn realm(&self) -> &Arc<str> {
        &self.inner.realm
    }
}

impl<P: Policy> Inner<P> {
    /// The issuer and the claims that it signed.
    fn verified_payload(
        &self,
        token: &Compact<'_>,
        header: &Header<'_>,
        now: u64,
    ) -> Result<(&Trusted<P>, String), Refusal<'_>> {
        if let [issuer] = &*self.issuers {
            issuer.check_signature(token, header, now)?;
            return Ok((issuer, text(token)?));
        }
        let payload = text(token)?;
        let name = claims::unverified_issuer(&payload)?;
        let issuer = self
            .issuers
            .iter()
            .find(|issuer| name.is(&issuer.name))
            .ok_or(TokenError::UnknownIssuer)?;
        issuer.check_signature(token, header, now)?;
        Ok((issuer, payload))
    }

    fn identify(
        &self,
        issuer: &Trusted<P>,
        payload: String,
        token_type: TokenType,
        now: u64,
    ) -> Result<Identity<P>, TokenError> {
        let mapping = &issuer.mapping;
        let typed = token_type == TokenType::AccessToken;
        let mut claims = Claims::default();
        claims.find(&payload, mapping, typed)?;
        claims.require_issuer(&issuer.name)?;
        claims.require_audience(&issuer.audiences, mapping)?;
        let expires_at =
            claims.require_time(Times { now, leeway: self.leeway, max_age: self.max_age })?;
        let subject = recorded(claims.subject()?);
        let client = recorded(claims.client(mapping)?);
        let token_id = recorded(claims.token_id(mapping)?);
        let auth_time = claims.auth_time()?;
        let (mfa, acr, amr) = authentication(&claims, mapping)?;
        let roles = issuer.names.roles(&claims, mapping)?;
        let scopes = issuer.names.scopes(&claims, mapping, &roles)?;
        Ok(Identity::new(Verified {
            roles,
            scopes,
            mfa,
            auth_time,
            expires_at,
            clock: self.clock.clone(),
            issuer: Arc::clone(&issuer.name),
            subject,
            client: Some(client),
            token_id: Some(token_id),
            acr,
            amr,
            claims: payload.into_boxed_str(),
        }))
    }
}

impl<P: Policy> Trusted<P> {
    /// The result is the generation of the keys.
    fn check_signature(
        &self,
        token: &Compact<'_>,
        header: &Header<'_>,
        now: u64,
    ) -> Result<u64, Refusal<'_>> {
        let fits = match header.token_type {
            TokenType::AccessToken => true,
            TokenType::Plain | TokenType::Absent => self.types >= TypeRule::Plain,
            TokenType::Other => self.types >= TypeRule::Any,
        };
        if !fits {
            return Err(TokenError::TokenType.into());
        }
        self.keys.verify_signature(token, header, now)
    }
}

/// The payload, all of it valid UTF-8.
fn text(token: &Compact<'_>) -> Result<String, TokenError> {
    String::from_utf8(token.payload()?).map_err(|_| TokenError::Utf8 { part: Part::Payload })
}

type Authentication = (bool, Option<identity::Text>, Vec<identity::Text>);

/// Whether more than one factor was used, `acr` and `amr`.
fn authentication(
    claims: &Claims<'_>,
    mapping: &ClaimMapping,
) -> Result<Authentication, TokenError> {
    let mut methods = Vec::new();
    let mut mfa_method = false;
    claims.each_amr(|method| {
        mfa_method |= method.is("mfa");
        methods.push(recorded(method));
    })?;
    let acr = claims.acr()?;
    let mfa = match &mapping.mfa {
        MfaRule::Amr => mfa_method,
        MfaRule::Acr(classes) => acr.is_some_and(|acr| classes.iter().any(|class| acr.is(class))),
    };
    Ok((mfa, acr.map(recorded), methods))
}

/// A string as the identity keeps it: by its place where it stands unescaped.
fn recorded(text: Text<'_>) -> identity::Text {
    let (start, end) = text.range();
    match (text.plain(), u32::try_from(start), u32::try_from(end)) {
        (Some(_), Ok(start), Ok(end)) => identity::Text::Span { start, end },
        _ => identity::Text::Owned(text.unescape().into()),
    }
}

impl<P: Policy> Clone for Verifier<P> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), before: self.before.clone() }
    }
}

impl<P: Policy> fmt::Debug for Verifier<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers: Vec<_> = self.inner.issuers.iter().map(|issuer| &issuer.name).collect();
        f.debug_struct("Verifier")
            .field("realm", &self.inner.realm)
            .field("issuers", &issuers)
            .finish_non_exhaustive()
    }
}

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
    leeway: u64,
    any_leeway: bool,
    max_age: Option<u64>,
    max_length: usize,
    clock: Clock,
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
    fn new() -> Self {
        Self {
            issuers: Vec::new(),
            audiences: Vec::new(),
            realm: DEFAULT_REALM.into(),
            leeway: DEFAULT_LEEWAY,
            any_leeway: false,
            max_age: None,
            max_length: DEFAULT_LENGTH_LIMIT,
            clock: Clock::default(),
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
        let mut issuers: Vec<Trusted<P>> = Vec::new();
        for issuer in self.issuers {
            if issuers.iter().any(|other| *other.name == *issuer.name) {
                return Err(ConfigError::DuplicateIssuer { issuer: issuer.name });
            }
            issuers.push(Trusted::new(issuer, &self.audiences)?);
        }
        require_said_roles(&issuers)?;
        Ok(Inner {
            realm: self.realm.into(),
            issuers: issuers.into(),
            leeway: self.leeway,
            max_age: self.max_age,
            max_length: self.max_length,
            clock: self.clock,
        })
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
        if let Some(issuer) = inner.issuers.iter().find(|one| matches!(one.keys, Keys::Wanted(_))) {
            return Err(ConfigError::NotConnected { issuer: (&*issuer.name).into() });
        }
        Ok(Verifier { inner: Arc::new(inner), before: None })
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
        Ok(Verifier { inner: Arc::new(inner), before: None })
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

/// A realm stands between quotes in a header (RFC 9110 section 5.6.4).
fn require_realm(realm: &str) -> Result<(), ConfigError> {
    let fits = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if realm.is_empty() || !realm.bytes().all(fits) {
        return Err(ConfigError::Realm);
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
