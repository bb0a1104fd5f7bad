//! Which claims of an issuer mean what, and what the known providers document.
//!
//! Absent on purpose: guessing. A claim that is not mapped grants nothing.

use std::sync::Arc;

/// What the claims of one issuer's tokens mean.
///
/// The default is RFC 9068: `client_id`, `jti`, `scope` as one string, roles in `roles`. Each
/// provider that writes other claims has a mapping of its own; the methods adapt either.
///
/// Role and scope names of a token that the policy does not have grant nothing.
///
/// # Examples
///
/// ```
/// use authz_core::token::ClaimMapping;
///
/// let mapping = ClaimMapping::keycloak("orders-api")
///     .roles_from("groups")
///     .role_named("/staff/clerks", "clerk")
///     .mfa_by_acr(["gold"]);
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing said of the issuer, or not")]
pub struct ClaimMapping {
    /// The first of these that is present counts.
    pub(crate) client: Vec<Box<str>>,
    pub(crate) token_id: Box<str>,
    pub(crate) tenant: Option<TenantRule>,
    /// Whether objects that name no issuer belong to subjects of this one.
    pub(crate) home: bool,
    pub(crate) scopes: Box<str>,
    pub(crate) scopes_as_list: bool,
    pub(crate) roles: Vec<RoleClaim>,
    pub(crate) role_names: Vec<(Box<str>, Box<str>)>,
    pub(crate) scope_names: Vec<(Box<str>, Box<str>)>,
    pub(crate) role_prefix: Option<Box<str>>,
    pub(crate) only_roles: Option<Vec<Box<str>>>,
    /// Said, and not just left open.
    pub(crate) all_roles: bool,
    pub(crate) mfa: MfaRule,
    /// Claims that must have one value: what tells an access token from others of the issuer.
    pub(crate) required: Vec<(Box<str>, Box<str>)>,
    /// What stands in for `aud` where a token has none.
    pub(crate) audience: Option<Box<str>>,
    /// Whether the provider types its access tokens `JWT`, or not at all.
    pub(crate) plain_type: bool,
    /// What `{client}` stands for in a path.
    client_in_paths: Option<Box<str>>,
}

/// A place where a token has roles.
#[derive(Clone, Debug)]
pub(crate) struct RoleClaim {
    /// The name of a claim, dots and all.
    pub(crate) whole: Box<str>,
    /// The same as a path into objects; empty where the name is meant whole.
    pub(crate) path: Vec<Box<str>>,
}

/// Which tenant the subjects of an issuer act for.
#[derive(Clone, Debug)]
pub(crate) enum TenantRule {
    /// The one that this claim names.
    Claim(Box<str>),
    /// Always this one.
    Fixed(Box<str>),
}

/// How a token tells that more than one factor was used.
#[derive(Clone, Debug)]
pub(crate) enum MfaRule {
    /// `amr` contains `mfa` (RFC 8176).
    Amr,
    /// `acr` is one of these.
    Acr(Arc<[Box<str>]>),
}

impl ClaimMapping {
    /// The profile of RFC 9068: `client_id`, `jti`, `scope` as one string, roles in `roles`.
    #[must_use]
    pub fn rfc9068() -> Self {
        Self {
            client: vec!["client_id".into()],
            token_id: "jti".into(),
            tenant: None,
            home: false,
            scopes: "scope".into(),
            scopes_as_list: false,
            roles: vec![RoleClaim::whole("roles")],
            role_names: Vec::new(),
            scope_names: Vec::new(),
            role_prefix: None,
            only_roles: None,
            all_roles: false,
            mfa: MfaRule::Amr,
            required: Vec::new(),
            audience: None,
            plain_type: false,
            client_in_paths: None,
        }
    }

    /// Keycloak: the client in `azp`, realm roles and the roles of `client`, the client id of this
    /// service.
    ///
    /// Keycloak types every token `JWT` in the header and says which kind it is in the claim
    /// `typ`; that has to be `Bearer` here, so ID and refresh tokens are refused. The audience
    /// comes from an audience mapper, which has to be set up for the client.
    #[must_use]
    pub fn keycloak(client: &str) -> Self {
        Self {
            client: vec!["azp".into()],
            roles: Vec::new(),
            required: vec![("typ".into(), "Bearer".into())],
            plain_type: true,
            client_in_paths: Some(client.into()),
            ..Self::rfc9068()
        }
        .roles_from("realm_access.roles")
        .roles_from("resource_access.{client}.roles")
    }

    /// Auth0: the client in `azp`, roles in the claim that an action adds under a name of yours,
    /// such as `https://example.com/roles`.
    ///
    /// Auth0 types its access tokens `JWT` unless the API uses the RFC 9068 profile; both are
    /// accepted. `permissions` lists what the user could do and not what this client was allowed:
    /// reading it takes [`scopes_from_list`](Self::scopes_from_list).
    #[must_use]
    pub fn auth0(roles_claim: &str) -> Self {
        Self {
            client: vec!["azp".into(), "client_id".into()],
            roles: vec![RoleClaim::whole(roles_claim)],
            plain_type: true,
            ..Self::rfc9068()
        }
    }

    /// Okta, with a custom authorization server: the client in `cid`, scopes in `scp`, an array.
    ///
    /// Okta does not type its access tokens. Groups come in a claim that has to be set up: add
    /// `.roles_from("groups")`.
    #[must_use]
    pub fn okta() -> Self {
        Self {
            client: vec!["cid".into()],
            scopes: "scp".into(),
            scopes_as_list: true,
            roles: Vec::new(),
            plain_type: true,
            ..Self::rfc9068()
        }
    }

    /// Microsoft Entra ID: the client in `azp` (version 2) or `appid` (version 1), the token id in
    /// `uti`, scopes in `scp` as one string, app roles in `roles`.
    ///
    /// Entra types its access tokens `JWT`. The subject is different for each application. A
    /// client without a user has a subject of its own, other than its client id.
    #[must_use]
    pub fn entra_id() -> Self {
        Self {
            client: vec!["azp".into(), "appid".into()],
            token_id: "uti".into(),
            scopes: "scp".into(),
            plain_type: true,
            ..Self::rfc9068()
        }
    }

    /// Amazon Cognito: groups in `cognito:groups`, and `token_use` has to be `access`.
    ///
    /// Cognito does not type its tokens, and its access tokens have an `aud` only with resource
    /// binding. Without one the audience is compared with `client_id`: give the app client ids of
    /// this service as [`audience`](super::Issuer::audience).
    #[must_use]
    pub fn cognito() -> Self {
        Self {
            roles: vec![RoleClaim::whole("cognito:groups")],
            required: vec![("token_use".into(), "access".into())],
            audience: Some("client_id".into()),
            plain_type: true,
            ..Self::rfc9068()
        }
    }

    /// Reads roles from one more claim, an array of strings.
    ///
    /// Dots lead into objects, and `{client}` is the client given to
    /// [`keycloak`](Self::keycloak). A claim with the whole path as its name comes first, so names
    /// with dots work as they are. At most 8 places.
    #[must_use]
    pub fn roles_from(mut self, path: &str) -> Self {
        let substitute = |text: &str| match &self.client_in_paths {
            Some(client) => text.replace("{client}", client),
            None => text.to_owned(),
        };
        // Cut before the client goes in: its id may have dots.
        let segments: Vec<Box<str>> =
            path.split('.').map(|segment| substitute(segment).into()).collect();
        self.roles.push(RoleClaim { whole: substitute(path).into(), path: segments });
        self
    }

    /// Reads roles from one more claim of exactly this name, an array of strings.
    #[must_use]
    pub fn roles_from_claim(mut self, name: &str) -> Self {
        self.roles.push(RoleClaim::whole(name));
        self
    }

    /// Reads roles from no claim. Calls after this one add some again.
    #[must_use]
    pub fn no_roles(mut self) -> Self {
        self.roles.clear();
        self
    }

    /// Reads scopes from this claim instead: one string, with spaces between the scopes (RFC 8693
    /// section 4.2).
    #[must_use]
    pub fn scopes_from(mut self, name: &str) -> Self {
        self.scopes = name.into();
        self.scopes_as_list = false;
        self
    }

    /// Reads scopes from this claim instead: an array of strings, or one string with spaces.
    #[must_use]
    pub fn scopes_from_list(mut self, name: &str) -> Self {
        self.scopes = name.into();
        self.scopes_as_list = true;
        self
    }

    /// Reads the client from this claim instead of `client_id`.
    #[must_use]
    pub fn client_from(mut self, name: &str) -> Self {
        self.client = vec![name.into()];
        self
    }

    /// Reads the token id from this claim instead of `jti`.
    #[must_use]
    pub fn token_id_from(mut self, name: &str) -> Self {
        self.token_id = name.into();
        self
    }

    /// Reads the tenant, such as an organisation, from this claim: a string. A token without it has no
    /// tenant.
    ///
    /// No claim is read by itself: with this, the issuer is trusted to name every tenant. For an
    /// issuer that belongs to one of them, write [`tenant`](Self::tenant).
    #[must_use]
    pub fn tenant_from(mut self, claim: &str) -> Self {
        self.tenant = Some(TenantRule::Claim(claim.into()));
        self
    }

    /// Every subject of this issuer acts for this tenant, whatever a token says: for a tenant that
    /// brings its own issuer.
    #[must_use]
    pub fn tenant(mut self, tenant: &str) -> Self {
        self.tenant = Some(TenantRule::Fixed(tenant.into()));
        self
    }

    /// Objects that name no issuer belong to subjects of this one: the `7` that owns an order is the
    /// `sub` of this issuer's tokens, and never that of another's.
    ///
    /// That is so for a single issuer. Of several, one can say it; where none does, only objects that
    /// name their issuer have an owner ([`Resource`](crate::Resource)).
    #[must_use]
    pub fn home_issuer(mut self) -> Self {
        self.home = true;
        self
    }

    /// The role `in_token` of this issuer is the role `in_policy` of the vocabulary.
    #[must_use]
    pub fn role_named(mut self, in_token: &str, in_policy: &str) -> Self {
        self.role_names.push((in_token.into(), in_policy.into()));
        self
    }

    /// The scope `in_token` of this issuer is the scope `in_policy` of the vocabulary.
    #[must_use]
    pub fn scope_named(mut self, in_token: &str, in_policy: &str) -> Self {
        self.scope_names.push((in_token.into(), in_policy.into()));
        self
    }

    /// Roles of this issuer begin with `prefix`, which is taken off; others grant nothing.
    ///
    /// Names given to [`role_named`](Self::role_named) are compared before, as they stand.
    #[must_use]
    pub fn role_prefix(mut self, prefix: &str) -> Self {
        self.role_prefix = Some(prefix.into());
        self
    }

    /// This issuer can grant no other roles of the vocabulary than these and what they include.
    ///
    /// For an issuer that is trusted with less than the others (ASVS V6.8.1).
    #[must_use]
    pub fn only_roles<'a>(mut self, roles: impl IntoIterator<Item = &'a str>) -> Self {
        self.only_roles = Some(roles.into_iter().map(Into::into).collect());
        self.all_roles = false;
        self
    }

    /// This issuer can grant every role of the vocabulary.
    ///
    /// That is so for a single issuer. Where there are several, each has to say which roles it can
    /// grant, with this, [`only_roles`](Self::only_roles), [`role_prefix`](Self::role_prefix) or
    /// [`no_roles`](Self::no_roles): a role's name from one issuer must not count as the role of
    /// another by accident (ASVS V6.8.1).
    #[must_use]
    pub fn all_roles(mut self) -> Self {
        self.only_roles = None;
        self.all_roles = true;
        self
    }

    /// Whether it is said which roles this issuer can grant.
    pub(crate) fn says_which_roles(&self) -> bool {
        self.roles.is_empty()
            || self.only_roles.is_some()
            || self.role_prefix.is_some()
            || self.all_roles
    }

    /// More than one factor was used where `acr` is one of these, instead of where `amr` contains
    /// `mfa`.
    ///
    /// Whoever lacks a factor is then told to log in with one of these classes (`acr_values`,
    /// RFC 9470), the first of them preferred.
    #[must_use]
    pub fn mfa_by_acr<'a>(mut self, classes: impl IntoIterator<Item = &'a str>) -> Self {
        self.mfa = MfaRule::Acr(classes.into_iter().map(Into::into).collect());
        self
    }

    /// The classes that prove more than one factor, where it is told by `acr`.
    pub(crate) fn mfa_classes(&self) -> Option<Arc<[Box<str>]>> {
        match &self.mfa {
            MfaRule::Amr => None,
            MfaRule::Acr(classes) => Some(Arc::clone(classes)),
        }
    }

    /// Refuses tokens in which this claim is not exactly this string.
    #[must_use]
    pub fn require(mut self, claim: &str, value: &str) -> Self {
        self.required.push((claim.into(), value.into()));
        self
    }
}

/// The profile of RFC 9068.
impl Default for ClaimMapping {
    fn default() -> Self {
        Self::rfc9068()
    }
}

impl RoleClaim {
    fn whole(name: &str) -> Self {
        Self { whole: name.into(), path: Vec::new() }
    }
}
