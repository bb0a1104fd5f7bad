//! The verifier: from the text of a token to a verified identity.
//!
//! The order of work makes refusals cheap: length and alphabet, header, choice of key, signature,
//! claims. INVARIANT: before the signature is good, the claims are read for one thing only, and
//! only with several issuers: which issuer's keys to try.

use std::fmt;
use std::sync::Arc;

use tracing::Instrument as _;

use crate::audit::{By, Log, Origin};
use crate::authenticator::{Authenticator, Chain};
use crate::clock::Clock;
use crate::denied::Realm;
use crate::http::Limit;
use crate::identity::{self, Identity, Verified};
use crate::metrics::{self, Stopwatch};
use crate::policy::Policy;
use crate::spans;

use super::acceptance::{Acceptance, Home};
#[cfg(feature = "remote")]
use super::builder::Fetched;
use super::builder::VerifierBuilder;
use super::cache::{Fresh, TokenCache};
use super::certificate::CertificateSource;
#[cfg(feature = "remote")]
use super::claims::OpaqueValidity;
use super::claims::{self, Claims, Times, Validity};
use super::compact::Compact;
use super::error::{Part, TokenError};
use super::header::{Header, HeaderBuffer, TokenType};
#[cfg(feature = "remote")]
use super::issuer::Issuer;
use super::issuer::TypeRule;
use super::json::Text;
#[cfg(feature = "remote")]
use super::keys::NO_KEYS;
use super::keys::{Keys, Refusal};
use super::mapping::{ClaimMapping, MfaRule, TenantRule};
use super::names::Names;
use super::proof::Proofs;
#[cfg(feature = "remote")]
use super::remote::{Introspection, Introspector};
use super::revocation::Revocations;
use super::unproven::Unproven;

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
    /// Which identities it takes, and which of them own objects that name no issuer.
    acceptance: Arc<Acceptance>,
    /// Who is not even looked at.
    limit: Limit,
    /// Where decisions about its identities are recorded.
    log: Option<Log>,
}

pub(super) struct Inner<P: Policy> {
    pub(super) realm: Realm,
    pub(super) issuers: Box<[Trusted<P>]>,
    /// Seconds.
    pub(super) leeway: u64,
    /// Seconds.
    pub(super) max_age: Option<u64>,
    /// Bytes.
    pub(super) max_length: usize,
    pub(super) clock: Clock,
    pub(super) cache: Option<TokenCache<P>>,
    pub(super) revocations: Option<Revocations>,
    pub(super) proofs: Option<Proofs>,
    pub(super) certificates: Option<CertificateSource>,
}

/// The claims that an issuer signed, with the place of the issuer and the generation of its keys.
struct Signed {
    issuer: usize,
    generation: u64,
    payload: String,
}

/// An introspection to be set up.
#[cfg(feature = "remote")]
pub(super) struct Wanted {
    pub(super) settings: Introspection,
    pub(super) insecure: bool,
}

/// An issuer whose configuration was checked.
pub(super) struct Trusted<P: Policy> {
    pub(super) name: Arc<str>,
    pub(super) keys: Keys,
    /// Until there is an HTTP client.
    #[cfg(feature = "remote")]
    pub(super) introspection: Option<Wanted>,
    #[cfg(feature = "remote")]
    pub(super) introspector: Option<Introspector>,
    pub(super) audiences: Box<[Box<str>]>,
    pub(super) mapping: ClaimMapping,
    pub(super) names: Names<P>,
    pub(super) types: TypeRule,
}

impl<P: Policy> Verifier<P> {
    pub(super) fn inner(&self) -> &Inner<P> {
        &self.inner
    }

    /// The issuers whose tokens are accepted.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = &str> {
        self.inner.issuers.iter().map(|issuer| &*issuer.name)
    }

    /// What is revoked for this verifier.
    pub(super) fn revocations(&self) -> Option<&Revocations> {
        self.inner.revocations.as_ref()
    }

    pub(super) fn new(inner: Inner<P>) -> Self {
        let home = inner.issuers.iter().find(|issuer| issuer.mapping.home);
        let home = home.map_or(Home::Unsaid, |issuer| Home::OfTokens(Arc::clone(&issuer.name)));
        let acceptance = Arc::new(Acceptance::new(home));
        let limit = Limit::default();
        Self { inner: Arc::new(inner), before: None, acceptance, limit, log: None }
    }

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
    /// This waits where the issuer may have a new key, and for nothing else. A token that is bound to
    /// its sender is refused: [`authenticate`](Self::authenticate) has a request, and so the proof.
    ///
    /// # Errors
    ///
    /// [`TokenError`] for the log; the caller learns only that the token is not valid, or with
    /// [`TokenError::Unavailable`] that nothing is known about it.
    pub async fn verify(&self, token: &str) -> Result<Identity<P>, TokenError> {
        let identity = self.verify_unproven(token).await?.alone(self)?;
        Ok(self.recorded(identity))
    }

    /// As [`verify`](Self::verify), without a look at what the token is bound to.
    pub(crate) async fn verify_unproven(&self, token: &str) -> Result<Unproven<P>, TokenError> {
        match self.attempt(token) {
            Err(Refusal::Keys(keys)) => {
                keys.fly().instrument(spans::wait_for_keys()).await;
                let again = self.attempt(token);
                if matches!(again, Err(Refusal::Keys(_))) {
                    metrics::verified("unavailable");
                }
                again
            }
            #[cfg(feature = "remote")]
            Err(Refusal::Ask(issuer)) => {
                let span = spans::introspect(self.issuers().nth(issuer).unwrap_or_default());
                let answer = self.introspect(token, issuer).instrument(span.clone()).await;
                let result = answer.as_ref().map_or_else(TokenError::result, |_| "accepted");
                metrics::verified(result);
                span.record("result", result);
                Ok(answer?)
            }
            done => done,
        }
        .map_err(Refusal::into_error)
    }

    /// As [`verify_unproven`](Self::verify_unproven), as far as that goes without waiting.
    fn attempt(&self, token: &str) -> Result<Unproven<P>, Refusal<'_>> {
        match self.remembered(token.as_bytes()) {
            Some(known) => Ok(known?),
            None => self.attempt_anew(token),
        }
    }

    /// What is known about a token that was verified before; `None` for any other bytes.
    pub(crate) fn remembered(&self, token: &[u8]) -> Option<Result<Unproven<P>, TokenError>> {
        let inner = &*self.inner;
        let cache = inner.cache.as_ref().filter(|_| token.len() <= inner.max_length)?;
        let known = inner.remembered(cache, token, inner.clock.now());
        metrics::remembered(known.is_some());
        known
    }

    /// What the issuer says about an opaque token (RFC 7662).
    #[cfg(feature = "remote")]
    async fn introspect(&self, token: &str, issuer: usize) -> Result<Unproven<P>, TokenError> {
        let inner = &*self.inner;
        let trusted = inner.issuers.get(issuer).ok_or(TokenError::Format)?;
        let introspector = trusted.introspector.as_ref().ok_or(TokenError::Format)?;
        let answer = introspector.ask(token, inner.clock.now()).await?;
        // The answer may have taken its time.
        let now = inner.clock.now();
        let (identity, validity) = inner.identify_opaque(trusted, answer, now)?;
        let epoch = inner.unrevoked(&identity, validity.issued_at, validity.expires_at)?;
        if let Some(cache) = &inner.cache {
            let until = validity.until.min(now.saturating_add(introspector.ttl()));
            let (identity, generation) = (identity.clone(), NO_KEYS);
            cache.insert(token, Fresh { identity, since: now, until, issuer, generation, epoch });
        }
        Ok(Unproven::new(identity))
    }

    /// As [`attempt`](Self::attempt), for a token that is not [`remembered`](Self::remembered).
    pub(crate) fn attempt_anew(&self, token: &str) -> Result<Unproven<P>, Refusal<'_>> {
        let span = spans::verify();
        let stopwatch = Stopwatch::start();
        let verified = span.in_scope(|| self.attempt_uncounted(token));
        let result = match &verified {
            Ok(_) => "accepted",
            Err(Refusal::Token(error)) => error.result(),
            // What has to be waited for is counted when it was waited for.
            Err(_) => {
                span.record("result", "waits");
                return verified;
            }
        };
        stopwatch.stop();
        metrics::verified(result);
        span.record("result", result);
        verified
    }

    fn attempt_uncounted(&self, token: &str) -> Result<Unproven<P>, Refusal<'_>> {
        let inner = &*self.inner;
        let now = inner.clock.now();
        let verified = inner.verify(token, now);
        #[cfg(feature = "remote")]
        if let Err(Refusal::Token(TokenError::Format | TokenError::Character)) = verified
            && let Some(refusal) = inner.opaque(token, now)
        {
            return Err(refusal);
        }
        let fresh = verified?;
        let Some(cache) = &inner.cache else {
            return Ok(Unproven::new(fresh.identity));
        };
        let identity = fresh.identity.clone();
        cache.insert(token, fresh);
        Ok(Unproven::new(identity))
    }

    /// As [`attempt`](Self::attempt), for tests that wait for nothing.
    #[cfg(test)]
    pub(crate) fn verify_now(&self, token: &str) -> Result<Identity<P>, TokenError> {
        self.attempt(token).map_err(Refusal::into_error)?.alone(self)
    }

    /// A verifier of no tokens: the only identities are those of `authenticator`.
    ///
    /// A bearer token that `authenticator` leaves alone is refused.
    pub fn of(authenticator: impl Authenticator<P>) -> Self {
        let nobody = VerifierBuilder::<P>::new().of_nobody();
        Self::new(nobody).after(authenticator)
    }

    /// As [`of`](Self::of), for an authenticator whose identities are of this issuer: objects that name no
    /// issuer belong to its subjects, as those of the only issuer of tokens do otherwise. Identities of
    /// another issuer, from this authenticator or one that is added, own no such object.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::token::Verifier;
    /// use authz_core::{Authenticator, Policy};
    ///
    /// fn alone<P: Policy>(sessions: impl Authenticator<P>) -> Verifier<P> {
    ///     Verifier::of_issuer("urn:shop:sessions", sessions)
    /// }
    /// ```
    pub fn of_issuer(issuer: impl Into<Arc<str>>, authenticator: impl Authenticator<P>) -> Self {
        let acceptance = Arc::new(Acceptance::new(Home::OfAuthenticator(issuer.into())));
        Self { acceptance, ..Self::of(authenticator) }
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
        let acceptance = Arc::new(self.acceptance.widened(None));
        Self { before: Some(Chain::new(authenticator, self.before)), acceptance, ..self }
    }

    /// With a limit of failures.
    #[cfg(feature = "limit")]
    pub(crate) fn limited_by(self, limit: Limit) -> Self {
        Self { limit, ..self }
    }

    /// The limit of failures.
    #[inline]
    pub(crate) fn limit(&self) -> &Limit {
        &self.limit
    }

    /// Which identities it takes that it did not find itself.
    #[inline]
    pub(super) fn acceptance(&self) -> &Acceptance {
        &self.acceptance
    }

    pub(super) fn with_acceptance(self, acceptance: Arc<Acceptance>) -> Self {
        Self { acceptance, ..self }
    }

    /// Where the time comes from.
    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The leeway for clocks that differ, in seconds.
    pub(super) fn leeway(&self) -> u64 {
        self.inner.leeway
    }

    /// Records decisions about the identities of this verifier, and denials of requests in which it
    /// finds none. A service has one log; of several, the one that was named last counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::Policy;
    /// use authz_core::audit::{Events, Log};
    /// use authz_core::token::Verifier;
    ///
    /// fn watched<P: Policy>(verifier: Verifier<P>) -> Verifier<P> {
    ///     verifier.decisions_to(&Log::to(Events))
    /// }
    /// ```
    #[must_use]
    pub fn decisions_to(self, log: &Log) -> Self {
        Self { log: Some(log.clone()), ..self }
    }

    /// Where decisions are recorded.
    #[cfg_attr(
        not(any(feature = "actix", feature = "axum", feature = "tonic", feature = "tower")),
        expect(dead_code, reason = "for the frameworks behind features")
    )]
    #[inline]
    pub(crate) fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    /// The identity, with decisions about it recorded where this verifier records them.
    #[inline]
    pub(crate) fn recorded(&self, identity: Identity<P>) -> Identity<P> {
        match &self.log {
            None => identity,
            Some(log) => identity.recorded_in(log).unwrap_or(identity),
        }
    }

    /// As [`recorded`](Self::recorded); `None` where the identity is so already.
    #[inline]
    pub(super) fn recorded_anew(&self, identity: &Identity<P>) -> Option<Identity<P>> {
        self.log.as_ref().and_then(|log| identity.recorded_in(log))
    }

    /// What checks the proofs of DPoP, if anything does.
    pub(crate) fn proofs(&self) -> Option<&Proofs> {
        self.inner.proofs.as_ref()
    }

    /// The nonce for the next proof, where there has to be one.
    pub(crate) fn proof_nonce(&self) -> Option<String> {
        self.inner.proofs.as_ref()?.nonce(self.inner.clock.now())
    }

    /// Whether a token can be bound to the client's certificate.
    pub(crate) fn takes_certificates(&self) -> bool {
        self.inner.certificates.is_some()
    }

    /// Who is asked before a token is looked for.
    pub(crate) fn before(&self) -> Option<&Chain<P>> {
        self.before.as_deref()
    }

    /// What challenges say about this verifier.
    pub(crate) fn realm(&self) -> &Realm {
        &self.inner.realm
    }
}

impl<P: Policy> Inner<P> {
    /// What is known about a token that was verified before, as far as it still counts.
    fn remembered(
        &self,
        cache: &TokenCache<P>,
        token: &[u8],
        now: u64,
    ) -> Option<Result<Unproven<P>, TokenError>> {
        cache.with(token, |entry| {
            let issuer = self.issuers.get(entry.issuer)?;
            let still = entry.standing.recheck(
                now,
                |generation| issuer.keys.is_current(generation, now),
                || self.revocations.as_ref().map_or(0, Revocations::epoch),
                || match &self.revocations {
                    Some(revocations) => revocations.check(entry.identity()),
                    None => Ok(0),
                },
            )?;
            Some(still.map(|()| Unproven::new(entry.share())))
        })
    }

    /// Every check, from the beginning.
    fn verify(&self, token: &str, now: u64) -> Result<Fresh<P>, Refusal<'_>> {
        let token = Compact::split(token, self.max_length)?;
        let mut buffer = HeaderBuffer::new();
        let header = Header::read(&token, &mut buffer)?;
        let Signed { issuer, generation, payload } = self.verified_payload(&token, &header, now)?;
        let trusted = self.issuers.get(issuer).ok_or(TokenError::UnknownIssuer)?;
        let (identity, validity) = self.identify(trusted, payload, header.token_type, now)?;
        let epoch =
            self.unrevoked(&identity, Some(validity.issued_at), Some(validity.expires_at))?;
        Ok(Fresh { identity, since: now, until: validity.until, issuer, generation, epoch })
    }

    /// What to do with a token that is no JWT, if there is an issuer to be asked about it.
    #[cfg(feature = "remote")]
    fn opaque(&self, token: &str, now: u64) -> Option<Refusal<'_>> {
        // What no header could have brought is asked about nowhere.
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let mut issuers = self.issuers.iter().enumerate();
        let (place, introspector) =
            issuers.find_map(|(place, issuer)| Some((place, issuer.introspector.as_ref()?)))?;
        Some(if introspector.is_refused(token, now) {
            TokenError::NotActive.into()
        } else {
            Refusal::Ask(place)
        })
    }

    /// The identity of an answer about an opaque token, and its times.
    #[cfg(feature = "remote")]
    fn identify_opaque(
        &self,
        issuer: &Trusted<P>,
        answer: String,
        now: u64,
    ) -> Result<(Identity<P>, OpaqueValidity), TokenError> {
        let mapping = &issuer.mapping;
        let mut claims = Claims::default();
        claims.find(&answer, mapping, true)?;
        claims.allow_issuer(&issuer.name)?;
        claims.require_audience(&issuer.audiences, mapping)?;
        let times = Times { now, leeway: self.leeway, max_age: self.max_age };
        let ttl = issuer.introspector.as_ref().map_or(0, Introspector::ttl);
        let validity = claims.allow_time(times, ttl)?;
        let client = recorded(claims.client(mapping)?);
        // RFC 7662 section 2.2: without a resource owner there is no `sub`.
        let subject = claims.subject_if_any()?.map_or_else(|| client.clone(), recorded);
        let (mfa, acr, amr) = authentication(&claims, mapping)?;
        let roles = issuer.names.roles(&claims, mapping)?;
        let scopes = issuer.names.scopes(&claims, mapping, &roles)?;
        let identity = Identity::new(Verified {
            roles,
            scopes,
            scopes_from: issuer.names.source(),
            mfa,
            mfa_classes: mapping.mfa_classes(),
            auth_time: claims.auth_time()?,
            issued_at: validity.issued_at,
            // The answer is good for this request at least, also where it is not remembered.
            expires_at: validity.expires_at.unwrap_or(validity.until.max(now.saturating_add(1))),
            clock: self.clock.clone(),
            issuer: Arc::clone(&issuer.name),
            subject,
            tenant: tenant(&claims, mapping)?,
            says_home: mapping.home,
            client: Some(client),
            token_id: claims.token_id_if_any(mapping)?.map(recorded),
            session_id: claims.session_id()?.map(recorded),
            acr,
            amr,
            binding: claims.confirmation()?.into(),
            dpop: self.proofs.is_some(),
            origin: Origin::new(By::Introspection),
            claims: answer.into_boxed_str(),
        });
        Ok((identity, validity))
    }

    /// The epoch of the revocations, none of which is about this identity.
    ///
    /// A token that lives longer than its revocation is remembered would come back to life, and one
    /// that does not tell how long it lives may do so.
    fn unrevoked(
        &self,
        identity: &Identity<P>,
        issued_at: Option<u64>,
        expires_at: Option<u64>,
    ) -> Result<u64, TokenError> {
        let Some(revocations) = &self.revocations else {
            return Ok(0);
        };
        let limit = revocations.retention();
        // The clocks may differ by the leeway, and the token is accepted that much longer.
        let latest = |time: u64| time.saturating_add(self.leeway.saturating_mul(2));
        let lifetime =
            expires_at.zip(issued_at).map(|(end, start)| latest(end).saturating_sub(start));
        if lifetime.is_none_or(|lifetime| lifetime > limit) {
            return Err(TokenError::LivesTooLong { limit });
        }
        revocations.check(identity)
    }

    /// The issuer and the claims that it signed.
    fn verified_payload(
        &self,
        token: &Compact<'_>,
        header: &Header<'_>,
        now: u64,
    ) -> Result<Signed, Refusal<'_>> {
        if let [issuer] = &*self.issuers {
            let generation = issuer.check_signature(token, header, now)?;
            return Ok(Signed { issuer: 0, generation, payload: text(token)? });
        }
        let payload = text(token)?;
        let name = claims::unverified_issuer(&payload)?;
        let named = |(_, issuer): &(usize, &Trusted<P>)| name.is(&issuer.name);
        let (issuer, trusted) =
            self.issuers.iter().enumerate().find(named).ok_or(TokenError::UnknownIssuer)?;
        let generation = trusted.check_signature(token, header, now)?;
        Ok(Signed { issuer, generation, payload })
    }

    fn identify(
        &self,
        issuer: &Trusted<P>,
        payload: String,
        token_type: TokenType,
        now: u64,
    ) -> Result<(Identity<P>, Validity), TokenError> {
        let mapping = &issuer.mapping;
        let typed = token_type == TokenType::AccessToken;
        let mut claims = Claims::default();
        claims.find(&payload, mapping, typed)?;
        claims.require_issuer(&issuer.name)?;
        claims.require_audience(&issuer.audiences, mapping)?;
        let validity =
            claims.require_time(Times { now, leeway: self.leeway, max_age: self.max_age })?;
        let subject = recorded(claims.subject()?);
        let client = recorded(claims.client(mapping)?);
        let token_id = recorded(claims.token_id(mapping)?);
        let tenant = tenant(&claims, mapping)?;
        let session_id = claims.session_id()?.map(recorded);
        let auth_time = claims.auth_time()?;
        let (mfa, acr, amr) = authentication(&claims, mapping)?;
        let roles = issuer.names.roles(&claims, mapping)?;
        let scopes = issuer.names.scopes(&claims, mapping, &roles)?;
        let identity = Identity::new(Verified {
            roles,
            scopes,
            scopes_from: issuer.names.source(),
            mfa,
            mfa_classes: mapping.mfa_classes(),
            auth_time,
            issued_at: Some(validity.issued_at),
            expires_at: validity.expires_at,
            clock: self.clock.clone(),
            issuer: Arc::clone(&issuer.name),
            subject,
            tenant,
            says_home: mapping.home,
            client: Some(client),
            token_id: Some(token_id),
            session_id,
            acr,
            amr,
            binding: claims.confirmation()?.into(),
            dpop: self.proofs.is_some(),
            origin: Origin::new(By::AccessToken),
            claims: payload.into_boxed_str(),
        });
        Ok((identity, validity))
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
            TokenType::Logout | TokenType::Proof | TokenType::Other => self.types >= TypeRule::Any,
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

/// The tenant that the subject acts for, as the mapping of the issuer tells.
fn tenant(
    claims: &Claims<'_>,
    mapping: &ClaimMapping,
) -> Result<Option<identity::Text>, TokenError> {
    if let Some(TenantRule::Fixed(tenant)) = &mapping.tenant {
        return Ok(Some(identity::Text::Owned(tenant.clone())));
    }
    Ok(claims.tenant(mapping)?.map(recorded))
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
        Self {
            inner: Arc::clone(&self.inner),
            before: self.before.clone(),
            acceptance: Arc::clone(&self.acceptance),
            limit: self.limit.clone(),
            log: self.log.clone(),
        }
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
