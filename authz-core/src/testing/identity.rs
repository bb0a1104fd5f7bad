//! Identities without a token.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Clock, age};
use crate::audit::{By, Origin};
use crate::identity::{Binding, Held, Identity, Text, Verified};
use crate::policy::Policy;
use crate::token::{ScopeSource, Taken};
use crate::vocabulary::{Vocabulary, held_together, lookup, name_at};

/// The issuer of identities for which no other is given.
const ISSUER: &str = "https://issuer.test";

/// Begins an identity for a test: subject `tester`, no role, no scope, no log-in.
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
/// use authz_core::testing::identity;
///
/// #[authz_core::requires(role = "clerk", scope = "write:orders")]
/// fn place() {}
///
/// # fn main() {
/// let clerk: policy::Identity = identity().role("clerk").scope("write:orders").build();
/// assert!(clerk.authorize::<place>().is_ok());
///
/// let stranger: policy::Identity = identity().build();
/// assert!(stranger.authorize::<place>().is_err());
/// # }
/// ```
pub fn identity<P: Policy>() -> IdentityBuilder<P> {
    IdentityBuilder {
        roles: Held::NOTHING,
        scopes: Held::NOTHING,
        clock: None,
        auth_age: None,
        claims: Map::new(),
        amr: Vec::new(),
        bound: false,
        tenant: None,
    }
}

/// An identity for a test, under construction; see [`identity`].
#[derive(Clone, Debug)]
#[must_use]
pub struct IdentityBuilder<P: Policy> {
    roles: Held<P::Role>,
    scopes: Held<P::Scope>,
    clock: Option<Clock>,
    auth_age: Option<Duration>,
    claims: Map<String, Value>,
    amr: Vec<String>,
    bound: bool,
    tenant: Option<String>,
}

impl<P: Policy> IdentityBuilder<P> {
    /// Gives it a role by wire name, with all that the role includes.
    ///
    /// # Panics
    ///
    /// When the policy has no such role.
    #[track_caller]
    pub fn role(mut self, name: &str) -> Self {
        hold(&mut self.roles, name);
        self
    }

    /// Gives it a scope by wire name, with all that the scope includes.
    ///
    /// # Panics
    ///
    /// When the policy has no such scope.
    #[track_caller]
    pub fn scope(mut self, name: &str) -> Self {
        hold(&mut self.scopes, name);
        self
    }

    /// Sets the subject.
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets the tenant: `Identity::tenant`.
    pub fn tenant(mut self, tenant: &str) -> Self {
        self.tenant = Some(tenant.to_owned());
        self
    }

    /// Sets the client.
    pub fn client(self, client: &str) -> Self {
        self.claim("client_id", client)
    }

    /// Sets the issuer. Objects that name no issuer don't belong to subjects of another than the first.
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// Sets the token id.
    pub fn token_id(self, token_id: &str) -> Self {
        self.claim("jti", token_id)
    }

    /// Sets the authentication context class.
    pub fn acr(self, class: &str) -> Self {
        self.claim("acr", class)
    }

    /// Adds a method of authentication; `mfa` stands for more than one factor (RFC 8176).
    pub fn amr(mut self, method: &str) -> Self {
        self.amr.push(method.to_owned());
        self
    }

    /// Says that more than one factor was used.
    pub fn mfa(self) -> Self {
        self.amr("mfa")
    }

    /// Says that the sender proved that its credentials are its own: `Identity::is_bound`.
    pub fn bound(mut self) -> Self {
        self.bound = true;
        self
    }

    /// Says that the subject authenticated so long ago.
    pub fn authenticated_ago(mut self, age: Duration) -> Self {
        self.auth_age = Some(age);
        self
    }

    /// Says that the subject authenticated so long ago, in the words of `max_age`: `10m`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use authz_core::{Identity, Policy};
    /// # use authz_core::testing::identity;
    /// fn fresh<P: Policy>() -> Identity<P> {
    ///     identity().aged("30s").build()
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// When the text is no such duration.
    #[track_caller]
    pub fn aged(self, age: &str) -> Self {
        self.authenticated_ago(age::duration(age))
    }

    /// Sets any claim, as a token would say it; `auth_time` is in seconds since 1970. Roles and
    /// scopes are not read from here.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Takes the time from `clock`, now and at every check.
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// The identity; its token would expire in an hour.
    ///
    /// # Panics
    ///
    /// When it holds two roles that exclude each other: a verifier would refuse it.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> Identity<P> {
        if let Some((left, right)) = held_together::<P::Role>(&self.roles.closed) {
            panic!("the roles `{left}` and `{right}` exclude each other: no identity has both");
        }
        let clock = self.clock.as_ref().map(Clock::source).unwrap_or_default();
        let now = clock.now();
        let expires_at = now.saturating_add(3_600);
        let mut claims = self.claims;
        let auth_time = match self.auth_age {
            Some(age) => Some(now.saturating_sub(age.as_secs())),
            None => claims.get("auth_time").and_then(Value::as_u64),
        };
        let mut amr = self.amr;
        let claimed = claims.get("amr").and_then(Value::as_array).into_iter().flatten();
        amr.extend(claimed.filter_map(Value::as_str).map(str::to_owned));
        claims.entry("sub").or_insert_with(|| "tester".into());
        claims.entry("iss").or_insert_with(|| ISSUER.into());
        claims.insert("exp".to_owned(), expires_at.into());
        if let Some(time) = auth_time {
            claims.insert("auth_time".to_owned(), time.into());
        }
        if !amr.is_empty() {
            claims.insert("amr".to_owned(), json!(amr));
        }
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let owned = |name: &str| text(name).map(|text| Text::Owned(text.into()));
        let home = text("iss") == Some(ISSUER);
        let identity = Identity::new(Verified {
            roles: self.roles,
            scopes: self.scopes,
            scopes_from: ScopeSource::Claim,
            mfa: amr.iter().any(|method| method == "mfa"),
            mfa_classes: None,
            auth_time,
            issued_at: claims.get("iat").and_then(Value::as_u64),
            expires_at,
            clock,
            issuer: Arc::from(text("iss").unwrap_or_default()),
            subject: owned("sub").unwrap_or_else(|| Text::Owned("tester".into())),
            tenant: self.tenant.map(|tenant| Text::Owned(tenant.into())),
            says_home: home,
            client: owned("client_id"),
            token_id: owned("jti"),
            session_id: owned("sid"),
            acr: owned("acr"),
            amr: amr.iter().map(|method| Text::Owned(method.as_str().into())).collect(),
            binding: if self.bound { Binding::Vouched } else { Binding::None },
            dpop: false,
            origin: Origin::new(By::Test),
            claims: Value::Object(claims).to_string().into_boxed_str(),
        });
        identity.with_taken(Taken::by_a_test(home))
    }
}

#[track_caller]
fn hold<V: Vocabulary>(held: &mut Held<V>, name: &str) {
    match V::from_wire_name(name) {
        Some(name) => held.add(name.index()),
        None => panic!("{}", unknown::<V>(name)),
    }
}

fn unknown<V: Vocabulary>(name: &str) -> String {
    let (table, kind) = (V::TABLE, V::TABLE.kind.word());
    let meant = match lookup::closest(table, name) {
        Some(index) => format!("did you mean `{}`?", name_at(table, index)),
        None => format!("it has {}", table.names.join(", ")),
    };
    format!("the policy has no {kind} `{name}`; {meant}")
}

#[cfg(test)]
mod tests {
    use crate::fixture::policy::Identity;
    use crate::testing::identity;

    fn complaint(make: impl FnOnce() -> Identity + std::panic::UnwindSafe) -> String {
        let panic = std::panic::catch_unwind(make).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    }

    #[test]
    fn an_unknown_name_says_what_was_meant() {
        let role = complaint(|| identity().role("clrk").build());
        assert_eq!(role, "the policy has no role `clrk`; did you mean `clerk`?");
        let scope = complaint(|| identity().scope("nothing-like-it-at-all").build());
        assert!(scope.starts_with("the policy has no scope `nothing-like-it-at-all`; it has "));
    }

    #[test]
    fn an_age_is_told_in_the_words_of_max_age() {
        let aged: Identity = identity().aged("10m").build();
        assert!(aged.authenticated_within(601) && !aged.authenticated_within(598));
    }
}
