//! Who is asking: the verified identity.
//!
//! Absent on purpose: a public constructor. Only a verifier makes an identity,
//! [`testing`](crate::testing) where a test says so, or [`danger`](crate::danger) for an
//! authenticator that vouches for it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;

use crate::audit::{self, Facts, Log, Origin};
use crate::clock::Clock;
use crate::denied::Denied;
use crate::guard::{Guard, Guarded};
use crate::policy::Policy;
use crate::token::{Confirmation, ScopeSource, Taken};
use crate::vocabulary::{Bits, Roles, Scopes, Vocabulary};

/// The set of roles of a policy, closed over the hierarchy.
pub(crate) type RoleBits<P> = <<P as Policy>::Role as Vocabulary>::Bits;
/// The set of scopes of a policy, closed over the hierarchy.
pub(crate) type ScopeBits<P> = <<P as Policy>::Scope as Vocabulary>::Bits;

/// A verified identity: issuer and subject, and what they hold under the policy `P`.
///
/// Cloning shares one allocation. An identity is what was true when its token was verified. A verifier
/// that guards a route refuses one whose end has passed ([`expires_at`](Self::expires_at)), also where a
/// middleware found it; one that is kept elsewhere does not expire by itself:
/// [`Verifier::accept`](crate::token::Verifier::accept) checks it again.
pub struct Identity<P: Policy> {
    inner: Arc<Verified<P>>,
    /// Of this handle, and not of what is shared: one identity may be taken by several verifiers.
    taken: Taken,
}

/// Everything a verifier found out about one token.
#[derive(Debug)]
pub(crate) struct Verified<P: Policy> {
    pub(crate) roles: Held<P::Role>,
    pub(crate) scopes: Held<P::Scope>,
    pub(crate) scopes_from: ScopeSource,
    /// Whether more than one factor was used.
    pub(crate) mfa: bool,
    /// The classes of authentication that count as that, where it is told by `acr`.
    pub(crate) mfa_classes: Option<Arc<[Box<str>]>>,
    /// Seconds since 1970.
    pub(crate) auth_time: Option<u64>,
    /// Seconds since 1970.
    pub(crate) issued_at: Option<u64>,
    /// Seconds since 1970.
    pub(crate) expires_at: u64,
    pub(crate) clock: Clock,
    pub(crate) issuer: Arc<str>,
    pub(crate) subject: Text,
    /// The organisation that the issuer says it belongs to, where its mapping tells how.
    pub(crate) tenant: Option<Text>,
    /// Whether whoever made the identity says that its issuer is the home issuer. The verifier that takes
    /// the identity decides.
    pub(crate) says_home: bool,
    pub(crate) client: Option<Text>,
    pub(crate) token_id: Option<Text>,
    pub(crate) session_id: Option<Text>,
    pub(crate) acr: Option<Text>,
    pub(crate) amr: Vec<Text>,
    pub(crate) binding: Binding,
    /// Whether a proof of `DPoP` could bind it, for challenges.
    pub(crate) dpop: bool,
    pub(crate) origin: Origin,
    /// The claims as verified: one JSON object.
    pub(crate) claims: Box<str>,
}

/// The names of one kind that an identity holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held<V: Vocabulary> {
    /// Closed over the hierarchy: what every check looks at.
    pub(crate) closed: V::Bits,
    /// Those that the credentials name, for the log: under another hierarchy they mean something else.
    pub(crate) named: V::Bits,
}

impl<V: Vocabulary> Held<V> {
    pub(crate) const NOTHING: Self = Self { closed: V::Bits::EMPTY, named: V::Bits::EMPTY };

    /// Adds a name, with all that it includes.
    pub(crate) fn add(&mut self, index: usize) {
        if let Some(closure) = V::CLOSURE.get(index) {
            self.closed.union(closure);
            self.named.insert(index);
        }
    }
}

impl<S: Vocabulary> Held<S> {
    /// The scopes that these roles grant under the policy.
    pub(crate) fn granted<P: Policy<Scope = S>>(roles: &Held<P::Role>) -> Self {
        let mut scopes = Self::NOTHING;
        for (role, scope) in P::RECORD.grants {
            if roles.closed.contains(*role as usize) {
                scopes.add(*scope as usize);
            }
        }
        scopes
    }
}

/// What its sender proved beside having the credentials.
#[derive(Clone, Debug)]
pub(crate) enum Binding {
    /// Nothing: whoever has the credentials can send them.
    None,
    /// Something that an authenticator vouches for, or a test.
    Vouched,
    /// What the token is bound to.
    Token(Box<Confirmation>),
}

impl From<Option<Confirmation>> for Binding {
    fn from(confirmation: Option<Confirmation>) -> Self {
        confirmation.map_or(Self::None, |confirmation| Self::Token(Box::new(confirmation)))
    }
}

/// A string of a token: a piece of its claims where it stands there unescaped.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    /// The bytes `start..end` of the claims.
    Span { start: u32, end: u32 },
    /// Text that was escaped, or comes from elsewhere.
    Owned(Box<str>),
}

impl Text {
    /// Bytes of its own.
    fn owned(&self) -> usize {
        match self {
            Self::Span { .. } => 0,
            Self::Owned(text) => text.len(),
        }
    }

    pub(crate) fn of<'a>(&'a self, claims: &'a str) -> &'a str {
        match self {
            Self::Span { start, end } => {
                claims.get(*start as usize..*end as usize).unwrap_or_default()
            }
            Self::Owned(text) => text,
        }
    }
}

impl<P: Policy> Identity<P> {
    /// INVARIANT: called by verifiers, `testing` and `danger` alone, with claims that were verified.
    pub(crate) fn new(verified: Verified<P>) -> Self {
        let taken = Taken::by_nobody(verified.says_home);
        Self { inner: Arc::new(verified), taken }
    }

    /// The `iss` of the token. A subject is unique within its issuer only.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// The `sub` of the token.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.inner.subject.of(&self.inner.claims)
    }

    /// The tenant, such as an organisation, on whose behalf the subject acts.
    ///
    /// Where the mapping of the issuer tells how to find it
    /// ([`ClaimMapping::tenant_from`](crate::token::ClaimMapping::tenant_from),
    /// [`ClaimMapping::tenant`](crate::token::ClaimMapping::tenant)); no claim means one by itself.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.text(self.inner.tenant.as_ref())
    }

    /// The `client_id` (or the claim mapped to it): the application that asked for the token.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.text(self.inner.client.as_ref())
    }

    /// The `jti` of the token.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.text(self.inner.token_id.as_ref())
    }

    /// The `sid` of the token: the session at the issuer that it belongs to.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.text(self.inner.session_id.as_ref())
    }

    /// When the token was issued, if there is one that tells.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.inner.issued_at.and_then(since_1970)
    }

    /// The `acr` of the token: the class of authentication that was made.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.text(self.inner.acr.as_ref())
    }

    /// The `amr` of the token: the methods of authentication that were used (RFC 8176).
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        self.inner.amr.iter().map(|text| text.of(&self.inner.claims))
    }

    /// When the user authenticated, if the token tells.
    #[must_use]
    pub fn auth_time(&self) -> Option<SystemTime> {
        self.inner.auth_time.and_then(since_1970)
    }

    /// When the token expires.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        // A time beyond what the platform can express is no time to trust.
        since_1970(self.inner.expires_at).unwrap_or(UNIX_EPOCH)
    }

    /// Whether the subject is the client itself, as with client credentials: no user is present.
    ///
    /// ASVS V10.3.3: a client must not be able to pose as a user.
    #[must_use]
    pub fn is_client(&self) -> bool {
        self.client().is_some_and(|client| client == self.subject())
    }

    /// Whether more than one authentication factor was used.
    #[must_use]
    #[inline]
    pub fn mfa(&self) -> bool {
        self.inner.mfa
    }

    /// Whether the sender proved that the credentials are its own: by the key (RFC 9449) or the
    /// certificate (RFC 8705) that they are bound to. Somebody who stole them could not.
    #[must_use]
    #[inline]
    pub fn is_bound(&self) -> bool {
        !matches!(self.inner.binding, Binding::None)
    }

    /// Whether the user authenticated at most so many seconds ago.
    ///
    /// `false` where the token has no `auth_time`, or one that lies in the future.
    #[must_use]
    pub fn authenticated_within(&self, seconds: u64) -> bool {
        self.age(self.inner.clock.now()).is_some_and(|age| age <= seconds)
    }

    /// How long ago the user authenticated at this time, in seconds.
    #[inline]
    pub(crate) fn age(&self, now: u64) -> Option<u64> {
        self.inner.auth_time.and_then(|time| now.checked_sub(time))
    }

    /// Whether the identity holds `role`, or a role that includes it.
    #[must_use]
    pub fn has_role(&self, role: P::Role) -> bool {
        self.inner.roles.closed.contains(role.index())
    }

    /// Whether the identity holds `scope`, or a scope that includes it.
    #[must_use]
    pub fn has_scope(&self, scope: P::Scope) -> bool {
        self.inner.scopes.closed.contains(scope.index())
    }

    /// The roles held, with those they include, in the order of the vocabulary.
    pub fn roles(&self) -> impl Iterator<Item = P::Role> {
        named::<P::Role>(&self.inner.roles.closed)
    }

    /// The scopes held, with those they include, in the order of the vocabulary.
    pub fn scopes(&self) -> impl Iterator<Item = P::Scope> {
        named::<P::Scope>(&self.inner.scopes.closed)
    }

    /// All claims of the token, read into `T`.
    ///
    /// # Errors
    ///
    /// When the claims are not of the shape of `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use authz_core::{Identity, Policy};
    /// #[derive(serde::Deserialize)]
    /// struct Tenant {
    ///     org_id: String,
    /// }
    ///
    /// fn tenant<P: Policy>(identity: &Identity<P>) -> Option<String> {
    ///     Some(identity.claims::<Tenant>().ok()?.org_id)
    /// }
    /// ```
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.inner.claims)
    }

    /// One claim of the token by its exact name; `None` where it is absent or no `T`.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        // Names of their own: one that is written with an escape does not stand in the text.
        let claims: std::collections::HashMap<String, &serde_json::value::RawValue> =
            serde_json::from_str(&self.inner.claims).ok()?;
        T::deserialize(&mut serde_json::Deserializer::from_str(claims.get(name)?.get())).ok()
    }

    /// Whether this identity meets the requirement of the function `F`.
    #[must_use]
    #[inline]
    pub fn permits<F: Guarded<Policy = P>>(&self) -> bool {
        F::permits(self)
    }

    /// Proof that this identity may call the function `F`.
    ///
    /// # Errors
    ///
    /// [`Denied`] with what is lacking, when the requirement of `F` is not met; 401 when an authenticator
    /// vouches for the identity, its end has passed, and no verifier has looked at it.
    #[inline]
    pub fn authorize<F: Guarded<Policy = P>>(&self) -> Result<Guard<F>, Denied> {
        self.clone().into_guard()
    }

    /// Where decisions about this identity are recorded.
    #[inline]
    pub(crate) fn log(&self) -> Option<&Arc<audit::Shared>> {
        self.inner.origin.log()
    }

    /// Lets decisions about this identity be recorded in `log`. A copy, if they are recorded in
    /// another one already: a service tells its own.
    pub(crate) fn recorded_in(&self, log: &Log) -> Option<Self> {
        let log = log.shared();
        if self.inner.origin.goes_to(log) {
            return None;
        }
        Some(self.copied(self.inner.origin.with(log)))
    }

    /// What a log wants to know.
    #[inline]
    pub(crate) fn facts(&self) -> Arc<dyn Facts> {
        Arc::<Verified<P>>::clone(&self.inner)
    }

    /// Where the time of its checks comes from.
    #[inline]
    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    #[expect(clippy::inline_always, reason = "a check is two bit tests; a call would cost more")]
    #[inline(always)]
    pub(crate) fn role_bits(&self) -> &RoleBits<P> {
        &self.inner.roles.closed
    }

    #[expect(clippy::inline_always, reason = "a check is two bit tests; a call would cost more")]
    #[inline(always)]
    pub(crate) fn scope_bits(&self) -> &ScopeBits<P> {
        &self.inner.scopes.closed
    }

    /// The verifier that took the identity, and how.
    #[inline]
    pub(crate) fn taken(&self) -> Taken {
        self.taken
    }

    /// The identity as one that a verifier took. INVARIANT: called in `token/acceptance.rs` and by
    /// `testing` alone.
    #[inline]
    pub(crate) fn with_taken(self, taken: Taken) -> Self {
        Self { taken, ..self }
    }

    /// Whether whoever made the identity says that its issuer is the home issuer.
    pub(crate) fn says_home(&self) -> bool {
        self.inner.says_home
    }

    /// When its credentials end, in seconds since 1970.
    pub(crate) fn expires_at_seconds(&self) -> u64 {
        self.inner.expires_at
    }

    /// The classes of authentication to ask for where more than one factor is needed.
    pub(crate) fn mfa_classes(&self) -> &[Box<str>] {
        self.inner.mfa_classes.as_deref().unwrap_or_default()
    }

    /// What the token is bound to.
    pub(crate) fn confirmation(&self) -> Option<&Confirmation> {
        match &self.inner.binding {
            Binding::Token(confirmation) => Some(confirmation),
            Binding::None | Binding::Vouched => None,
        }
    }

    /// Whether a proof of `DPoP` could bind the credentials.
    pub(crate) fn takes_dpop(&self) -> bool {
        self.inner.dpop
    }

    /// Seconds since 1970; what does not tell counts as issued before everything.
    pub(crate) fn issued_at_seconds(&self) -> u64 {
        self.inner.issued_at.unwrap_or(0)
    }

    /// The same identity with a counter of its own: clones of the copy don't touch this one.
    pub(crate) fn deep_copy(&self) -> Self {
        self.copied(self.inner.origin.clone())
    }

    fn copied(&self, origin: Origin) -> Self {
        Self { inner: Arc::new(self.unshared(origin)), taken: self.taken }
    }

    fn unshared(&self, origin: Origin) -> Verified<P> {
        let inner = &*self.inner;
        Verified {
            roles: inner.roles,
            scopes: inner.scopes,
            scopes_from: inner.scopes_from,
            mfa: inner.mfa,
            mfa_classes: inner.mfa_classes.clone(),
            auth_time: inner.auth_time,
            issued_at: inner.issued_at,
            expires_at: inner.expires_at,
            clock: inner.clock.clone(),
            issuer: Arc::clone(&inner.issuer),
            subject: inner.subject.clone(),
            tenant: inner.tenant.clone(),
            says_home: inner.says_home,
            client: inner.client.clone(),
            token_id: inner.token_id.clone(),
            session_id: inner.session_id.clone(),
            acr: inner.acr.clone(),
            amr: inner.amr.clone(),
            binding: inner.binding.clone(),
            dpop: inner.dpop,
            origin,
            claims: inner.claims.clone(),
        }
    }

    /// About how many bytes this takes.
    pub(crate) fn size(&self) -> usize {
        let inner = &*self.inner;
        let amr: usize = inner.amr.iter().map(|method| size_of::<Text>() + method.owned()).sum();
        let owned: usize =
            [&inner.tenant, &inner.client, &inner.token_id, &inner.session_id, &inner.acr]
                .into_iter()
                .flatten()
                .map(Text::owned)
                .sum();
        let confirmation = self.confirmation().map_or(0, size_of_val);
        size_of::<Verified<P>>()
            + confirmation
            + inner.claims.len()
            + inner.subject.owned()
            + owned
            + amr
    }

    fn text<'a>(&'a self, text: Option<&'a Text>) -> Option<&'a str> {
        text.map(|text| text.of(&self.inner.claims))
    }
}

fn named<V: Vocabulary>(held: &V::Bits) -> impl Iterator<Item = V> + '_ {
    held.indices().filter_map(|index| V::ALL.get(index).copied())
}

fn since_1970(seconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

impl<P: Policy> Clone for Identity<P> {
    #[inline]
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), taken: self.taken }
    }
}

/// Names the subject and what it holds; the other claims may be private and are left out.
impl<P: Policy> fmt::Debug for Identity<P>
where
    P::Role: Roles,
    P::Scope: Scopes,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .field("roles", &self.roles().map(Vocabulary::wire_name).collect::<Vec<_>>())
            .field("scopes", &self.scopes().map(Vocabulary::wire_name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
