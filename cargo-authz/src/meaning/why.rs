//! Why an identity does not pass: the smallest change of it that would.

use std::collections::BTreeSet;
use std::fmt;

use authz_manifest::Age;
use serde::Serialize;

use super::diagram::TooComplex;
use super::space::{Side, Space};
use crate::identity::Identity;

/// One thing that is otherwise in an identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// With this role.
    AddRole(String),
    /// Without this role.
    RemoveRole(String),
    /// With this scope.
    AddScope(String),
    /// Without this scope.
    RemoveScope(String),
    /// With a second factor, or without.
    Mfa(bool),
    /// With a token that is bound to its sender, or with one that is not.
    Bound(bool),
    /// With this authentication context class, or with none.
    Acr(Option<String>),
    /// With a log-in so many seconds ago, or with one of which nothing is known.
    AuthenticatedAgo(Option<u64>),
}

impl Edit {
    /// The identity with the change made.
    pub fn apply(&self, identity: &mut Identity) {
        match self {
            Self::AddRole(name) => drop(identity.roles.insert(name.clone())),
            Self::RemoveRole(name) => drop(identity.roles.remove(name)),
            Self::AddScope(name) => drop(identity.scopes.insert(name.clone())),
            Self::RemoveScope(name) => drop(identity.scopes.remove(name)),
            Self::Mfa(mfa) => identity.mfa = *mfa,
            Self::Bound(bound) => identity.bound = *bound,
            Self::Acr(class) => identity.acr.clone_from(class),
            Self::AuthenticatedAgo(age) => identity.age = *age,
        }
    }
}

impl Edit {
    /// What is no longer needed, where this was: `without a second factor`.
    #[must_use]
    pub fn given_up(&self) -> String {
        match self {
            Self::AddRole(name) => format!("without role {name}"),
            Self::RemoveRole(name) => format!("also with role {name}"),
            Self::AddScope(name) => format!("without scope {name}"),
            Self::RemoveScope(name) => format!("also with scope {name}"),
            Self::Mfa(true) => "without a second factor".to_owned(),
            Self::Mfa(false) => "also with a second factor".to_owned(),
            Self::Bound(true) => "with a token bound to nothing".to_owned(),
            Self::Bound(false) => "also with a token bound to its sender".to_owned(),
            Self::Acr(Some(class)) => format!("without acr {class}"),
            Self::Acr(None) => "also with an acr".to_owned(),
            Self::AuthenticatedAgo(Some(age)) => format!("with a log-in over {} old", Age(*age)),
            Self::AuthenticatedAgo(None) => "also with a recent log-in".to_owned(),
        }
    }

    /// What is needed now, where this is: `only with a second factor`.
    #[must_use]
    pub fn asked_for(&self) -> String {
        match self {
            Self::AddRole(name) => format!("only with role {name}"),
            Self::RemoveRole(name) => format!("not with role {name}"),
            Self::AddScope(name) => format!("only with scope {name}"),
            Self::RemoveScope(name) => format!("not with scope {name}"),
            Self::Mfa(true) => "only with a second factor".to_owned(),
            Self::Mfa(false) => "not with a second factor".to_owned(),
            Self::Bound(true) => "only with a token bound to its sender".to_owned(),
            Self::Bound(false) => "only with a token bound to nothing".to_owned(),
            Self::Acr(Some(class)) => format!("only with acr {class}"),
            Self::Acr(None) => "not with that acr".to_owned(),
            Self::AuthenticatedAgo(Some(age)) => {
                format!("only with a log-in at most {} old", Age(*age))
            }
            Self::AuthenticatedAgo(None) => "not with a recent log-in".to_owned(),
        }
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddRole(name) => write!(f, "with role {name}"),
            Self::RemoveRole(name) => write!(f, "without role {name}"),
            Self::AddScope(name) => write!(f, "with scope {name}"),
            Self::RemoveScope(name) => write!(f, "without scope {name}"),
            Self::Mfa(true) => f.write_str("with a second factor"),
            Self::Mfa(false) => f.write_str("without a second factor"),
            Self::Bound(true) => f.write_str("with a token bound to its sender"),
            Self::Bound(false) => f.write_str("with a token bound to nothing"),
            Self::Acr(Some(class)) => write!(f, "with acr {class}"),
            Self::Acr(None) => f.write_str("without acr"),
            Self::AuthenticatedAgo(Some(age)) => write!(f, "with a log-in {} ago", Age(*age)),
            Self::AuthenticatedAgo(None) => f.write_str("without a recent log-in"),
        }
    }
}

/// The smallest change of `identity` that passes: fewest edits, and of those that give least. None
/// of its parts passes. Empty when the identity passes as it is; `None` when nobody passes.
///
/// # Errors
///
/// When the requirement is too complex to decide.
pub fn why(side: Side<'_>, identity: &Identity) -> Result<Option<Vec<Edit>>, TooComplex> {
    if side.public {
        return Ok(Some(Vec::new()));
    }
    let space = Space::new(&[side], identity)?;
    Ok(space.nearest(&space.passing(side)?).map(|passing| edits(identity, &passing)))
}

fn edits(from: &Identity, to: &Identity) -> Vec<Edit> {
    let more = |from: &BTreeSet<String>, to: &BTreeSet<String>, edit: fn(String) -> Edit| {
        to.difference(from).cloned().map(edit).collect::<Vec<_>>()
    };
    let mut edits = more(&from.roles, &to.roles, Edit::AddRole);
    edits.extend(more(&to.roles, &from.roles, Edit::RemoveRole));
    edits.extend(more(&from.scopes, &to.scopes, Edit::AddScope));
    edits.extend(more(&to.scopes, &from.scopes, Edit::RemoveScope));
    if from.mfa != to.mfa {
        edits.push(Edit::Mfa(to.mfa));
    }
    if from.bound != to.bound {
        edits.push(Edit::Bound(to.bound));
    }
    if from.acr != to.acr {
        edits.push(Edit::Acr(to.acr.clone()));
    }
    if from.age != to.age {
        edits.push(Edit::AuthenticatedAgo(to.age));
    }
    edits
}
