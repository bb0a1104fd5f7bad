//! The smallest grant that still passes wherever a larger one passed.
//!
//! INVARIANT: what comes out passes wherever the larger one passes, and sees the objects of any owner where
//! the larger one does; it is tried, name by name, not derived.
//! No name of it can go, or give way to what it includes. Another grant of the same size may do as well.

use std::collections::BTreeSet;

use authz_manifest::Function;
use serde::Serialize;

use super::tally::today;
use crate::identity::{Caller, Identity};
use crate::meaning::Vocabulary;

/// Names that somebody is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Roles.
    pub roles: BTreeSet<String>,
    /// Scopes.
    pub scopes: BTreeSet<String>,
}

/// A call that was granted.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The function.
    pub function: &'a Function,
    /// Who called it.
    pub identity: &'a Identity,
    /// Whether the scopes are those that the roles grant: nobody gives or takes them by themselves.
    pub scopes_of_roles: bool,
}

impl Grant {
    /// All that was given to those who made these calls.
    #[must_use]
    pub fn of<'a>(calls: impl Iterator<Item = Call<'a>>) -> Self {
        calls.fold(Self::default(), |mut grant, call| {
            grant.roles.extend(call.identity.roles.iter().cloned());
            if !call.scopes_of_roles {
                grant.scopes.extend(call.identity.scopes.iter().cloned());
            }
            grant
        })
    }

    /// The names, as a reader names them.
    #[must_use]
    pub fn words(&self) -> String {
        let identity = Identity {
            roles: self.roles.clone(),
            scopes: self.scopes.clone(),
            ..Identity::default()
        };
        if identity == Identity::default() { "nothing".to_owned() } else { identity.to_string() }
    }
}

/// The smallest grant with which every one of `calls` passes that passes as it is, and sees no fewer objects;
/// calls that don't say nothing.
#[must_use]
pub fn smallest(vocabulary: &Vocabulary, calls: &[Call<'_>]) -> Grant {
    let whole =
        |call: &Call<'_>| today(vocabulary, call.identity, call.scopes_of_roles).into_owned();
    let passes_whole = |call: &Call<'_>| passes(vocabulary, call.function, whole(call));
    let passing: Vec<_> = calls.iter().copied().filter(passes_whole).collect();
    let mut grant = Grant::of(passing.iter().copied());
    let enough = |grant: &Grant| {
        passing.iter().all(|call| {
            let smaller = within(vocabulary, *call, grant);
            let sees_as_much = sees_any_owner(vocabulary, call.function, smaller.clone())
                || !sees_any_owner(vocabulary, call.function, whole(call));
            sees_as_much && passes(vocabulary, call.function, smaller)
        })
    };
    while let Some(smaller) = steps(vocabulary, &grant).into_iter().find(|smaller| enough(smaller))
    {
        grant = smaller;
    }
    grant
}

fn passes(vocabulary: &Vocabulary, function: &Function, identity: Identity) -> bool {
    vocabulary.permits(&function.kind, &function.requirement, &Caller::Somebody(identity))
}

/// Whether the function shows the identity the objects of others. A log does not tell whether it did.
fn sees_any_owner(vocabulary: &Vocabulary, function: &Function, identity: Identity) -> bool {
    let any_owner = function.object.as_ref().and_then(|object| object.any_owner.as_ref());
    any_owner.is_some_and(|any_owner| {
        vocabulary.permits(&function.kind, any_owner, &Caller::Somebody(identity))
    })
}

/// The identity with what it holds and is given at once.
fn within(vocabulary: &Vocabulary, call: Call<'_>, grant: &Grant) -> Identity {
    let identity = Identity {
        roles: vocabulary.roles.common(&call.identity.roles, &grant.roles),
        scopes: vocabulary.scopes.common(&call.identity.scopes, &grant.scopes),
        ..call.identity.clone()
    };
    today(vocabulary, &identity, call.scopes_of_roles).into_owned()
}

/// Every grant that is one step smaller: without a name, or with what it includes in its place. Those
/// that give up most come first.
fn steps(vocabulary: &Vocabulary, grant: &Grant) -> Vec<Grant> {
    let mut smaller = Vec::new();
    for name in vocabulary.roles.heaviest_first(&grant.roles) {
        for roles in vocabulary.roles.instead_of(name, &without(&grant.roles, name)) {
            smaller.push(Grant { roles, scopes: grant.scopes.clone() });
        }
    }
    for name in vocabulary.scopes.heaviest_first(&grant.scopes) {
        for scopes in vocabulary.scopes.instead_of(name, &without(&grant.scopes, name)) {
            smaller.push(Grant { roles: grant.roles.clone(), scopes });
        }
    }
    smaller
}

fn without(names: &BTreeSet<String>, name: &str) -> BTreeSet<String> {
    names.iter().filter(|other| *other != name).cloned().collect()
}
