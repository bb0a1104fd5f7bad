//! One issuer: its name, its keys, and how far its tokens are trusted.

#[cfg(feature = "remote")]
use super::algorithm::Algorithm;
use super::key_set::KeySet;
use super::keys::Keys;
use super::mapping::ClaimMapping;
#[cfg(feature = "remote")]
use super::remote::{Introspection, KeyLocation, Remote};

/// An issuer of tokens, by the exact `iss` of its tokens, with its keys.
///
/// Keys belong to an issuer: a key id means a key of that issuer only, and no issuer can sign for
/// another (RFC 8725 section 3.8).
///
/// The default is the profile of RFC 9068: `typ` is `at+jwt`, and `iss`, `exp`, `aud`, `sub`,
/// `client_id`, `iat` and `jti` are all there.
///
/// # Examples
///
/// ```
/// use authz_core::token::{Algorithm, ClaimMapping, Issuer, KeySet, ScopeSource};
///
/// # let keys = KeySet::from_secret(&[7; 32], Algorithm::Hs256)?;
/// let issuer = Issuer::new("https://sso.example.com/realms/shop", keys)
///     .claims(ClaimMapping::keycloak("orders-api"))
///     .scope_source(ScopeSource::ClaimWithinRoleGrants);
/// # Ok::<(), authz_core::token::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Issuer {
    pub(crate) name: Box<str>,
    pub(crate) keys: KeySource,
    #[cfg(feature = "remote")]
    pub(crate) introspection: Option<Introspection>,
    /// Whether the endpoint may be anywhere.
    #[cfg(feature = "remote")]
    pub(crate) insecure_introspection: bool,
    /// A method that means nothing for these keys.
    pub(crate) misplaced: Option<&'static str>,
    pub(crate) audiences: Vec<Box<str>>,
    pub(crate) mapping: ClaimMapping,
    pub(crate) scope_source: ScopeSource,
    pub(crate) types: TypeRule,
}

/// Where the keys of an issuer come from.
#[derive(Clone, Debug)]
pub(crate) enum KeySource {
    Fixed(KeySet),
    #[cfg(feature = "remote")]
    Remote(Remote),
}

impl KeySource {
    pub(crate) fn into_keys(self) -> Keys {
        match self {
            Self::Fixed(keys) => Keys::Fixed(keys),
            #[cfg(feature = "remote")]
            Self::Remote(remote) => Keys::Wanted(remote),
        }
    }
}

/// Where the scopes of an identity come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeSource {
    /// The claim of the token.
    #[default]
    Claim,
    /// What the roles of the token grant in the vocabulary; the claim is not looked at.
    RoleGrants,
    /// What the claim and the roles' grants both have: a token never reaches beyond its user.
    ClaimWithinRoleGrants,
}

/// Which `typ` a token may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TypeRule {
    /// `at+jwt` alone.
    AccessToken,
    /// `at+jwt`, `JWT`, or none.
    Plain,
    /// Anything.
    Any,
}

impl Issuer {
    /// An issuer by the exact `iss` of its tokens.
    #[must_use]
    pub fn new(issuer: &str, keys: KeySet) -> Self {
        Self::with(issuer, KeySource::Fixed(keys))
    }

    fn with(issuer: &str, keys: KeySource) -> Self {
        Self {
            name: issuer.into(),
            keys,
            #[cfg(feature = "remote")]
            introspection: None,
            #[cfg(feature = "remote")]
            insecure_introspection: false,
            misplaced: None,
            audiences: Vec::new(),
            mapping: ClaimMapping::rfc9068(),
            scope_source: ScopeSource::Claim,
            types: TypeRule::AccessToken,
        }
    }

    /// The name of this service in this issuer's tokens, instead of the verifier's. Several calls
    /// accept each of the names.
    #[must_use]
    pub fn audience(mut self, audience: &str) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// What the claims of this issuer mean.
    ///
    /// The mapping of a provider that does not use `at+jwt` also accepts the `typ` that the
    /// provider documents.
    #[must_use]
    pub fn claims(mut self, mapping: ClaimMapping) -> Self {
        self.mapping = mapping;
        self
    }

    /// Where scopes come from.
    #[must_use]
    pub fn scope_source(mut self, source: ScopeSource) -> Self {
        self.scope_source = source;
        self
    }

    /// Accepts access tokens of `typ` `JWT`, or without one, as many providers write them.
    ///
    /// ID tokens may look the same then (RFC 8725 section 3.11). What tells them apart is the
    /// audience; tokens with `at_hash`, `c_hash`, `events`, or a `nonce` without a claim that the
    /// mapping requires, are refused as well.
    #[must_use]
    pub fn accept_plain_jwt(mut self) -> Self {
        self.types = self.types.max(TypeRule::Plain);
        self
    }

    /// Accepts tokens of any `typ`, made for whatever purpose.
    ///
    /// Only for an issuer that writes a type of its own into its access tokens, and signs nothing
    /// else for this audience.
    #[must_use]
    pub fn danger_accept_any_type(mut self) -> Self {
        self.types = TypeRule::Any;
        self
    }
}

/// Keys that the issuer publishes (feature `remote`).
///
/// They are fetched when the verifier is built and every ten minutes after that, and at once when a
/// token has a key id that is not there: one request at a time, and at most one in 30 seconds for
/// unknown key ids, whatever is sent. A key that the issuer withdraws is gone with the next fetch.
/// While the issuer doesn't answer, its keys are used for up to an hour after they were last seen;
/// then every token of it is answered by 503. A document may have 256 KiB and take 5 seconds,
/// redirects are not followed, and only public addresses with `https` are connected to.
#[cfg(feature = "remote")]
impl Issuer {
    /// An issuer whose metadata tells where its keys are (OpenID Connect Discovery 1.0, RFC 8414).
    ///
    /// The metadata has to name the very same issuer, a slash at the end included.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::token::{ClaimMapping, Issuer};
    ///
    /// let issuer = Issuer::discover("https://sso.example.com/realms/shop")
    ///     .claims(ClaimMapping::keycloak("orders-api"));
    /// ```
    #[must_use]
    pub fn discover(issuer: &str) -> Self {
        Self::with(issuer, KeySource::Remote(Remote::new(KeyLocation::Metadata)))
    }

    /// An issuer without metadata, whose keys are at this address.
    #[must_use]
    pub fn with_jwks_uri(issuer: &str, url: &str) -> Self {
        Self::with(issuer, KeySource::Remote(Remote::new(KeyLocation::Url(url.into()))))
    }

    /// An issuer of opaque tokens alone, which is asked about each of them (RFC 7662). A token in the
    /// form of a JWT is refused.
    #[must_use]
    pub fn opaque(issuer: &str, introspection: Introspection) -> Self {
        Self::new(issuer, KeySet::none()).introspection(introspection)
    }

    /// Asks this issuer about tokens that are no JWT. A verifier can have one such issuer, since
    /// an opaque token does not tell its own.
    ///
    /// The answer has to name an audience of this service. It need not have what RFC 7662 leaves
    /// out: `iss` (but no other one), `jti`, and `sub`, without which the client is the subject; `exp`
    /// and `iat` neither, unless the verifier has
    /// [`revocations`](super::VerifierBuilder::revocations), which are not remembered for ever.
    #[must_use]
    pub fn introspection(mut self, introspection: Introspection) -> Self {
        self.introspection = Some(introspection);
        self
    }

    /// The algorithms that are accepted, of those that the issuer publishes keys for.
    ///
    /// Without this call every asymmetric algorithm is accepted for a key whose `alg` names it. A
    /// key without `alg` has the one algorithm of its kind that the metadata names, or else the
    /// usual one: `RS256` for RSA.
    #[must_use]
    pub fn algorithms(self, algorithms: &[Algorithm]) -> Self {
        self.remote("algorithms", |remote| remote.algorithms = Some(algorithms.to_vec()))
    }

    /// Lets the verifier be built while the issuer does not answer. Until it does, its tokens are
    /// answered by 503.
    #[must_use]
    pub fn may_be_absent_at_start(self) -> Self {
        self.remote("may_be_absent_at_start", |remote| remote.may_be_absent = true)
    }

    /// Fetches metadata and keys also without `https`, and from private addresses and this machine.
    ///
    /// Where there is an [`introspection`](Self::introspection), call that first; this is about its
    /// endpoint too. Whoever can change what is fetched can sign tokens. For tests, and for an issuer inside of a
    /// network whose every part is trusted as much as the issuer.
    #[must_use]
    pub fn danger_allow_insecure_issuer(self) -> Self {
        if self.introspection.is_some() {
            let mut this = self;
            this.insecure_introspection = true;
            if let KeySource::Remote(remote) = &mut this.keys {
                remote.insecure = true;
            }
            return this;
        }
        self.remote("danger_allow_insecure_issuer", |remote| remote.insecure = true)
    }

    fn remote(mut self, method: &'static str, change: impl FnOnce(&mut Remote)) -> Self {
        match &mut self.keys {
            KeySource::Remote(remote) => change(remote),
            KeySource::Fixed(_) => self.misplaced = Some(method),
        }
        self
    }
}

/// [`Issuer::discover`].
#[cfg(feature = "remote")]
impl From<&str> for Issuer {
    fn from(issuer: &str) -> Self {
        Self::discover(issuer)
    }
}
