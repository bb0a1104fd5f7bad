//! What the role and scope names of one issuer mean in the policy.
//!
//! INVARIANT: what comes out is closed over the hierarchy, and a name that the policy does not
//! have adds nothing.

use crate::identity::{Held, RoleBits};
use crate::policy::Policy;
use crate::vocabulary::{Bits, Vocabulary, held_together, lookup};

use super::claims::Claims;
use super::config_error::ConfigError;
use super::error::TokenError;
use super::issuer::ScopeSource;
use super::mapping::ClaimMapping;

/// The names of one issuer, resolved against the policy.
pub(crate) struct Names<P: Policy> {
    role_renames: Renames,
    scope_renames: Renames,
    role_prefix: Option<Box<str>>,
    /// The roles that the issuer can grant, closed over the hierarchy.
    allowed: Option<RoleBits<P>>,
    source: ScopeSource,
}

/// Names of tokens with indices of a vocabulary.
type Renames = Vec<(Box<str>, usize)>;

impl<P: Policy> Names<P> {
    /// Resolves the names of a mapping.
    pub(crate) fn resolve(
        issuer: &str,
        mapping: &ClaimMapping,
        source: ScopeSource,
    ) -> Result<Self, ConfigError> {
        let role_renames = renames::<P::Role>(issuer, "role_named", &mapping.role_names)?;
        let scope_renames = renames::<P::Scope>(issuer, "scope_named", &mapping.scope_names)?;
        let allowed = match &mapping.only_roles {
            None => None,
            Some(names) => {
                let mut allowed = Held::<P::Role>::NOTHING;
                for name in names {
                    allowed.add(require::<P::Role>(issuer, "only_roles", name)?);
                }
                Some(allowed.closed)
            }
        };
        Ok(Self {
            role_renames,
            scope_renames,
            role_prefix: mapping.role_prefix.clone(),
            allowed,
            source,
        })
    }

    /// The roles of a token; refused where two exclude each other.
    pub(crate) fn roles(
        &self,
        claims: &Claims<'_>,
        mapping: &ClaimMapping,
    ) -> Result<Held<P::Role>, TokenError> {
        let mut roles = Held::<P::Role>::NOTHING;
        claims.each_role(mapping, |name| {
            if let Some(index) = self.role(name) {
                roles.add(index);
            }
        })?;
        match held_together::<P::Role>(&roles.closed) {
            Some((left, right)) => Err(TokenError::ExclusiveRoles { left, right }),
            None => Ok(roles),
        }
    }

    /// The scopes of a token with these roles.
    pub(crate) fn scopes(
        &self,
        claims: &Claims<'_>,
        mapping: &ClaimMapping,
        roles: &Held<P::Role>,
    ) -> Result<Held<P::Scope>, TokenError> {
        let mut claimed = Held::<P::Scope>::NOTHING;
        // Also where the claim does not count: of the wrong type is wrong.
        claims.each_scope(mapping, |name| {
            if let Some(index) = self.scope(name) {
                claimed.add(index);
            }
        })?;
        Ok(match self.source {
            ScopeSource::Claim => claimed,
            ScopeSource::RoleGrants => Held::granted::<P>(roles),
            ScopeSource::ClaimWithinRoleGrants => {
                let mut within = claimed.closed;
                within.intersect(&Held::granted::<P>(roles).closed);
                // A name may be more than what is left of it.
                Held { named: within, closed: within }
            }
        })
    }

    /// Where the scopes of a token come from.
    pub(crate) fn source(&self) -> ScopeSource {
        self.source
    }

    fn role(&self, name: &str) -> Option<usize> {
        let index = match renamed(&self.role_renames, name) {
            Some(index) => index,
            None => match &self.role_prefix {
                Some(prefix) => find::<P::Role>(name.strip_prefix(&**prefix)?)?,
                None => find::<P::Role>(name)?,
            },
        };
        match &self.allowed {
            Some(allowed) if !allowed.contains(index) => None,
            _ => Some(index),
        }
    }

    fn scope(&self, name: &str) -> Option<usize> {
        renamed(&self.scope_renames, name).or_else(|| find::<P::Scope>(name))
    }
}

fn find<V: Vocabulary>(name: &str) -> Option<usize> {
    lookup::find(V::TABLE, name, lookup::hash(name))
}

fn renamed(renames: &Renames, name: &str) -> Option<usize> {
    renames.iter().find(|(in_token, _)| **in_token == *name).map(|(_, index)| *index)
}

fn renames<V: Vocabulary>(
    issuer: &str,
    field: &'static str,
    names: &[(Box<str>, Box<str>)],
) -> Result<Renames, ConfigError> {
    let mut renames = Renames::new();
    for (in_token, in_policy) in names {
        if renamed(&renames, in_token).is_some() {
            return Err(ConfigError::DuplicateName {
                issuer: issuer.into(),
                field,
                name: in_token.clone(),
            });
        }
        renames.push((in_token.clone(), require::<V>(issuer, field, in_policy)?));
    }
    Ok(renames)
}

fn require<V: Vocabulary>(
    issuer: &str,
    field: &'static str,
    name: &str,
) -> Result<usize, ConfigError> {
    find::<V>(name).ok_or_else(|| ConfigError::UnknownName {
        issuer: issuer.into(),
        field,
        kind: V::TABLE.kind.word(),
        name: name.into(),
        hint: hint::<V>(name).into(),
    })
}

fn hint<V: Vocabulary>(name: &str) -> String {
    let meant = lookup::closest(V::TABLE, name).and_then(|index| V::TABLE.names.get(index));
    match meant {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => format!(": expected a name of `{}`", V::TABLE.type_name),
    }
}
