//! One issuer: its name, its keys, and how far its tokens are trusted.

use super::key_set::KeySet;
use super::mapping::ClaimMapping;

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
    pub(crate) keys: KeySet,
    pub(crate) audiences: Vec<Box<str>>,
    pub(crate) mapping: ClaimMapping,
    pub(crate) scope_source: ScopeSource,
    pub(crate) types: TypeRule,
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
        Self {
            name: issuer.into(),
            keys,
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
