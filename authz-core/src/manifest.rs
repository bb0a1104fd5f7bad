//! The manifest of the running program, from its registry.
//!
//! The model stands in `authz-manifest`, beside the formats that it is written in. Absent on purpose:
//! enforcement. See [`registry`].

pub use authz_manifest::{
    FORMAT, Field, Function, LOCK_FORMAT, Manifest, Name, Object, Policy, Requirement, Resource,
};

use crate::registry::entry::Entry;
use crate::registry::{self, FunctionKind};
use crate::vocabulary::Table;

/// Why there is no manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// No guarded function was found.
    #[error(
        "no guarded function is registered: is the crate with the handlers linked into this \
         program, and do they carry `#[requires]`, `#[public]` or `#[manual]`?"
    )]
    Empty,
    /// One id names several functions or resources.
    #[error("{0}")]
    Ambiguous(String),
}

/// The manifest of the running program.
///
/// # Errors
///
/// [`ManifestError::Empty`] when no function is registered: an access list that is empty is
/// missing, not empty; [`ManifestError::Ambiguous`] when an id names more than one function, which a
/// review could not tell apart.
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
/// #[authz_core::requires(role = "clerk")]
/// fn refund() {}
///
/// # fn main() -> Result<(), authz_core::manifest::ManifestError> {
/// let manifest = authz_core::manifest()?;
/// assert!(manifest.functions.iter().any(|function| function.id.ends_with("::refund")));
/// # Ok(())
/// # }
/// ```
pub fn manifest() -> Result<Manifest, ManifestError> {
    let mut policies = Vec::new();
    let mut functions = Vec::new();
    let mut resources = Vec::new();
    for entry in inventory::iter::<Entry> {
        match entry {
            Entry::Policy(policy) => policies.push(Policy::from(*policy)),
            Entry::Function(function) => functions.push(Function::from(*function)),
            Entry::Resource(resource) => resources.push(Resource::from(*resource)),
        }
    }
    if functions.is_empty() {
        return Err(ManifestError::Empty);
    }
    let manifest = Manifest { format: FORMAT, policies, functions, resources };
    manifest.with_distinct_ids().map_err(|shared| ManifestError::Ambiguous(shared.to_string()))
}

impl From<&registry::Resource> for Resource {
    fn from(resource: &registry::Resource) -> Self {
        let field = |field: &registry::Field| Field {
            name: field.name().to_owned(),
            read: field.read().map(Requirement::from),
            write: field.write().map(Requirement::from),
        };
        Self {
            id: resource.id().to_owned(),
            policy: resource.policy().map(|policy| policy.id().to_owned()),
            file: resource.file().to_owned(),
            line: resource.line(),
            owner: resource.owner().map(str::to_owned),
            issuer: resource.issuer().map(str::to_owned),
            tenant: resource.tenant().map(str::to_owned),
            fields: resource.fields().iter().map(field).collect(),
        }
    }
}

impl From<&registry::Function> for Function {
    fn from(function: &registry::Function) -> Self {
        Self {
            id: function.id().to_owned(),
            policy: function.policy().id().to_owned(),
            file: function.file().to_owned(),
            line: function.line(),
            kind: FunctionKind::word(function.kind()).to_owned(),
            requirement: function.requirement().into(),
            reason: function.reason().map(str::to_owned),
            route: function.route().map(str::to_owned),
            shadow: function.shadow().map(|rule| (&crate::Requirement::Rule(rule)).into()),
            doc: function.doc().map(str::to_owned),
            object: function.object().map(Object::from),
        }
    }
}

impl From<&registry::Object> for Object {
    fn from(object: &registry::Object) -> Self {
        match object {
            registry::Object::Owner => Self::owner(None),
            registry::Object::OwnerUnless(any_owner) => Self::owner(Some((*any_owner).into())),
            registry::Object::Any => Self::any(),
        }
    }
}

impl From<&registry::PolicyRecord> for Policy {
    fn from(policy: &registry::PolicyRecord) -> Self {
        let mut roles = names(policy.roles);
        for &(role, scope) in policy.grants {
            if let Some((role, scope)) =
                roles.get_mut(role as usize).zip(policy.scopes.names.get(scope as usize))
            {
                role.grants.push((*scope).to_owned());
            }
        }
        for &(left, right) in policy.roles.excludes {
            if let Some((left, right)) =
                roles.get_mut(left as usize).zip(policy.roles.names.get(right as usize))
            {
                left.excludes.push((*right).to_owned());
            }
        }
        Self { id: policy.id().to_owned(), roles, scopes: names(policy.scopes) }
    }
}

fn names(table: &Table) -> Vec<Name> {
    let included = |indices: &[u32]| {
        indices
            .iter()
            .filter_map(|&index| table.names.get(index as usize))
            .map(|name| (*name).to_owned())
            .collect()
    };
    table
        .names
        .iter()
        .zip(table.variants)
        .zip(table.docs)
        .zip(table.includes)
        .map(|(((name, variant), doc), includes)| Name {
            name: (*name).to_owned(),
            variant: (*variant).to_owned(),
            doc: (*doc).to_owned(),
            includes: included(includes),
            excludes: Vec::new(),
            grants: Vec::new(),
        })
        .collect()
}

impl From<&crate::Requirement> for Requirement {
    fn from(requirement: &crate::Requirement) -> Self {
        let parts = |parts: &[crate::Requirement]| parts.iter().map(Self::from).collect();
        match requirement {
            crate::Requirement::Anyone => Self::Anyone,
            crate::Requirement::Authenticated => Self::Authenticated,
            crate::Requirement::Role(name) => Self::Role(name.wire().to_owned()),
            crate::Requirement::Scope(name) => Self::Scope(name.wire().to_owned()),
            crate::Requirement::Mfa => Self::Mfa,
            crate::Requirement::Bound => Self::Bound,
            crate::Requirement::Acr(class) => Self::Acr((*class).to_owned()),
            crate::Requirement::MaxAge(seconds) => Self::MaxAge(*seconds),
            crate::Requirement::All(all) => Self::All(parts(all)),
            crate::Requirement::Any(any) => Self::Any(parts(any)),
            crate::Requirement::Not(part) => Self::Not(Box::new(Self::from(*part))),
            crate::Requirement::Rule(rule) => Self::Rule {
                name: rule.name().to_owned(),
                requires: Box::new(Self::from(rule.requirement())),
            },
        }
    }
}
