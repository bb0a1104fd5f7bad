//! What is right in few places only, under a name that a reviewer finds.
//!
//! Absent on purpose: a way around a check. What is here makes the *input* of checks, and whoever
//! calls it vouches for what it says.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::audit::{By, Origin};
use crate::clock::Clock;
use crate::identity::{Binding, Held, Identity, Text, Verified};
use crate::policy::Policy;
use crate::token::ScopeSource;
use crate::vocabulary::Vocabulary;

/// An identity that the caller vouches for, in place of a token's issuer.
///
/// For an [`Authenticator`](crate::Authenticator), which has checked credentials of its own. To
/// call it with anything that a request says about itself is to let everybody be anybody.
///
/// Roles and scopes are held as given, with all that they include. The claims of the identity
/// ([`Identity::claims`]) are what is said here, under the names that a token has for it.
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
/// use authz_core::danger::Vouched;
///
/// let identity: policy::Identity = Vouched::new("keys", "till 7", 1_900_000_000)
///     .role(policy::Role::Clerk)
///     .scope(policy::Scope::WriteOrders)
///     .build();
/// assert_eq!(identity.subject(), "till 7");
/// assert!(identity.has_scope(policy::Scope::WriteOrders));
/// assert!(!identity.mfa());
/// ```
#[derive(Debug)]
#[must_use = "nobody is let in by this before `build`"]
pub struct Vouched<P: Policy> {
    issuer: Arc<str>,
    subject: Box<str>,
    tenant: Option<Box<str>>,
    home: bool,
    client: Option<Box<str>>,
    credential: Option<Box<str>>,
    /// Seconds since 1970.
    expires_at: u64,
    /// Seconds since 1970.
    auth_time: Option<u64>,
    acr: Option<Box<str>>,
    amr: Vec<Box<str>>,
    roles: Held<P::Role>,
    scopes: Held<P::Scope>,
    scopes_of_roles: bool,
    bound: bool,
    claims: Map<String, Value>,
    clock: Clock,
}

impl<P: Policy> Vouched<P> {
    /// Begins with who it is, and until when the credentials are good, in seconds since 1970.
    ///
    /// From then on the identity is refused with 401, by the clock of the verifier that asked the
    /// authenticator or finds the identity in a request, and with its
    /// [`leeway`](crate::token::VerifierBuilder::leeway), as an access token is. Without a verifier,
    /// [`Identity::authorize`] refuses it to the second.
    ///
    /// Two sources have two issuers: a subject is unique within its issuer only.
    pub fn new(issuer: impl Into<Arc<str>>, subject: &str, expires_at: u64) -> Self {
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            tenant: None,
            home: false,
            client: None,
            credential: None,
            expires_at,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            roles: Held::NOTHING,
            scopes: Held::NOTHING,
            scopes_of_roles: false,
            bound: false,
            claims: Map::new(),
            clock: Clock::default(),
        }
    }

    /// Adds a role, with all that it includes.
    pub fn role(mut self, role: P::Role) -> Self {
        self.roles.add(role.index());
        self
    }

    /// Adds a scope, with all that it includes.
    pub fn scope(mut self, scope: P::Scope) -> Self {
        self.scopes.add(scope.index());
        self
    }

    /// Holds the scopes that the roles grant (`#[role(grants(…))]`), all of those and no others: what
    /// [`scope`](Self::scope) adds is not looked at.
    pub fn scopes_of_roles(mut self) -> Self {
        self.scopes_of_roles = true;
        self
    }

    /// The tenant, such as an organisation, on whose behalf the subject acts:
    /// [`Identity::tenant`].
    pub fn tenant(mut self, tenant: &str) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Objects that name no issuer belong to subjects of this one: see
    /// [`ClaimMapping::home_issuer`](crate::token::ClaimMapping::home_issuer).
    ///
    /// One source of identities can be that. A verifier with a home issuer of its own, such as the only
    /// issuer of its tokens, takes this for identities of that issuer alone: where there is one, let the
    /// objects name their issuer instead. [`Verifier::of_issuer`](crate::token::Verifier::of_issuer) says
    /// it for all identities of an authenticator.
    pub fn home_issuer(mut self) -> Self {
        self.home = true;
        self
    }

    /// The application that acts for the subject: `client_id`.
    pub fn client(mut self, client: &str) -> Self {
        self.client = Some(client.into());
        self
    }

    /// A name for the credentials, which is no secret: `jti`.
    pub fn credential(mut self, id: &str) -> Self {
        self.credential = Some(id.into());
        self
    }

    /// When the subject authenticated, in seconds since 1970: `auth_time`. Without it, no `max_age`
    /// is met.
    pub fn authenticated_at(mut self, seconds: u64) -> Self {
        self.auth_time = Some(seconds);
        self
    }

    /// Adds a method of authentication that was used (RFC 8176): `amr`. The method `mfa` says that
    /// there was more than one factor.
    pub fn method(mut self, method: &str) -> Self {
        self.amr.push(method.into());
        self
    }

    /// The class of authentication that was made: `acr`.
    pub fn class(mut self, class: &str) -> Self {
        self.acr = Some(class.into());
        self
    }

    /// The sender proved that the credentials are its own, by a key or a certificate that they are
    /// bound to: [`Identity::is_bound`].
    pub fn bound(mut self) -> Self {
        self.bound = true;
        self
    }

    /// Adds a claim that means nothing to the checks. What the other functions say wins over a claim
    /// of the same name.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Takes the time from a clock that a test moves.
    #[cfg(feature = "testing")]
    pub fn clock(mut self, clock: &crate::testing::Clock) -> Self {
        self.clock = clock.source();
        self
    }

    /// The identity.
    #[must_use]
    pub fn build(self) -> Identity<P> {
        let claims = Value::Object(self.claims()).to_string();
        let owned = |text: Box<str>| Text::Owned(text);
        let (scopes, scopes_from) = if self.scopes_of_roles {
            (Held::granted::<P>(&self.roles), ScopeSource::RoleGrants)
        } else {
            (self.scopes, ScopeSource::Claim)
        };
        Identity::new(Verified {
            roles: self.roles,
            scopes,
            scopes_from,
            mfa: self.amr.iter().any(|method| &**method == "mfa"),
            mfa_classes: None,
            auth_time: self.auth_time,
            issued_at: None,
            expires_at: self.expires_at,
            clock: self.clock,
            issuer: self.issuer,
            subject: owned(self.subject),
            tenant: self.tenant.map(owned),
            says_home: self.home,
            client: self.client.map(owned),
            token_id: self.credential.map(owned),
            session_id: None,
            acr: self.acr.map(owned),
            amr: self.amr.into_iter().map(owned).collect(),
            binding: if self.bound { Binding::Vouched } else { Binding::None },
            dpop: false,
            origin: Origin::new(By::Authenticator),
            claims: claims.into_boxed_str(),
        })
    }

    /// What a token of this identity would say.
    fn claims(&self) -> Map<String, Value> {
        let mut claims = self.claims.clone();
        let mut claim = |name: &str, value: Option<Value>| match value {
            Some(value) => claims.insert(name.to_owned(), value),
            None => claims.remove(name),
        };
        claim("iss", Some(json!(&*self.issuer)));
        claim("sub", Some(json!(self.subject)));
        claim("exp", Some(json!(self.expires_at)));
        claim("client_id", self.client.as_ref().map(|client| json!(client)));
        claim("jti", self.credential.as_ref().map(|credential| json!(credential)));
        claim("auth_time", self.auth_time.map(|time| json!(time)));
        claim("acr", self.acr.as_ref().map(|class| json!(class)));
        claim("amr", (!self.amr.is_empty()).then(|| json!(self.amr)));
        claims
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Vouched;
    use crate::fixture::policy::{Identity, Policy, Role, Scope};

    #[test]
    fn what_is_vouched_for_is_what_the_identity_says() {
        let identity: Identity = Vouched::new("accounts", "ann", 4_102_444_800)
            .role(Role::Clerk)
            .scope(Scope::ReadOrders)
            .client("till")
            .credential("key 7")
            .authenticated_at(1_700_000_000)
            .method("pwd")
            .method("mfa")
            .class("aal2")
            .bound()
            .claim("email", "ann@example.com")
            .build();
        assert_eq!((identity.issuer(), identity.subject()), ("accounts", "ann"));
        assert_eq!(identity.client(), Some("till"));
        assert_eq!(identity.token_id(), Some("key 7"));
        assert_eq!(identity.acr(), Some("aal2"));
        assert_eq!(identity.amr().collect::<Vec<_>>(), ["pwd", "mfa"]);
        assert!(identity.mfa() && identity.is_bound());
        assert_eq!(identity.roles().collect::<Vec<_>>(), [Role::Clerk]);
        assert_eq!(identity.scopes().collect::<Vec<_>>(), [Scope::ReadOrders]);
        assert_eq!(identity.claim::<String>("email").as_deref(), Some("ann@example.com"));
        assert_eq!(identity.claim::<String>("sub").as_deref(), Some("ann"));
        assert_eq!(identity.claim::<u64>("exp"), Some(4_102_444_800));
    }

    #[test]
    fn what_is_not_said_is_not_there() {
        let identity = Vouched::<Policy>::new("accounts", "ann", 4_102_444_800)
            .claim("acr", "aal3")
            .claim("sub", "root")
            .claim("cnf", json!({"jkt": "x"}))
            .build();
        assert!(!identity.mfa() && !identity.is_bound());
        assert_eq!((identity.client(), identity.token_id(), identity.acr()), (None, None, None));
        assert_eq!(identity.auth_time(), None);
        assert!(!identity.authenticated_within(u64::MAX));
        assert_eq!(identity.roles().count() + identity.scopes().count(), 0);
        assert_eq!(identity.claim::<String>("acr"), None);
        assert_eq!(identity.claim::<String>("sub").as_deref(), Some("ann"));
    }
}
