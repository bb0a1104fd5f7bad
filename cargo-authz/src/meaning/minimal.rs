//! Who passes: the identities of which no weaker one passes.

use super::diagram::{Diagram, Facts, TooComplex, and};
use super::leaves::{Leaf, Leaves};
use super::space::{Side, Space};
use super::vocabulary::{Hierarchy, Vocabulary};
use crate::identity::{Caller, Identity};
use authz_manifest::Requirement;

/// The greatest number of identities that is listed.
pub const MAX_LISTED: usize = 100;

/// Who passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    /// Callers that pass and of whom no weaker one passes, from the smallest on: all of them, or the first
    /// [`MAX_LISTED`] that are found.
    pub listed: Vec<Caller>,
    /// How many there are.
    pub count: u64,
}

/// The callers that pass and of whom no weaker one passes; nobody when no caller can pass.
///
/// An identity is weaker when what it holds, with all that is included, is less: fewer or included
/// roles and scopes, one factor, no class, an older log-in.
///
/// # Errors
///
/// When the requirement is too complex to decide.
pub fn minimal(side: Side<'_>) -> Result<Passing, TooComplex> {
    if side.public {
        return Ok(Passing { listed: vec![Caller::Nobody], count: 1 });
    }
    let leaves = Leaves::of([side.requirement]);
    let closed = Closed { leaves: &leaves.order, facts: Facts::new(leaves.order.len())? };
    let possible = closed.possible(side.vocabulary)?;
    let passing = and(&possible, &closed.met(side.requirement)?)?;
    let minimal = closed.facts.minimal(&passing)?;
    let mut identities: Vec<_> = minimal
        .solutions()
        .take(MAX_LISTED)
        .map(|solution| closed.identity(side.vocabulary, &solution))
        .collect();
    let weight = |identity: &Identity| {
        identity.roles.len()
            + identity.scopes.len()
            + usize::from(identity.mfa)
            + usize::from(identity.bound)
            + usize::from(identity.acr.is_some())
            + usize::from(identity.age.is_some())
    };
    identities
        .sort_by(|left, right| weight(left).cmp(&weight(right)).then_with(|| left.cmp(right)));
    let listed = identities.into_iter().map(Caller::Somebody).collect();
    Ok(Passing { listed, count: minimal.count() })
}

/// One of the callers that pass who hold least; nobody when no caller can pass.
///
/// # Errors
///
/// When the requirement is too complex to decide.
pub fn witness(side: Side<'_>) -> Result<Option<Caller>, TooComplex> {
    if side.public {
        return Ok(Some(Caller::Nobody));
    }
    let space = Space::new(&[side], &Identity::default())?;
    Ok(space.nearest(&space.passing(side)?).map(Caller::Somebody))
}

/// The facts of an identity after the hierarchies: one for each thing that is asked for.
struct Closed<'a> {
    leaves: &'a [Leaf<'a>],
    facts: Facts,
}

impl Closed<'_> {
    /// What follows from what: a name brings what it includes, a recent log-in is recent enough
    /// for a greater age, there is one class, and roles that exclude each other don't meet.
    ///
    /// Every condition is about one fact or two, since a set of names is possible exactly if each
    /// pair in it is.
    fn possible(&self, vocabulary: &Vocabulary) -> Diagram {
        let mut possible = self.facts.constant(true);
        for (left, first) in self.leaves.iter().enumerate() {
            for (right, second) in self.leaves.iter().enumerate() {
                if left != right && brings(vocabulary, first, second) {
                    possible = and(&possible, &self.facts.implies(left, right))?;
                }
                if left <= right && excludes(vocabulary, first, second) {
                    possible = and(&possible, &self.facts.not_both(left, right))?;
                }
            }
        }
        Ok(possible)
    }

    fn met(&self, requirement: &Requirement) -> Diagram {
        self.facts.tree(requirement, &|leaf: Leaf<'_>| {
            self.facts.any_of(self.leaves.iter().position(|other| *other == leaf))
        })
    }

    fn identity(&self, vocabulary: &Vocabulary, solution: &[usize]) -> Identity {
        let mut identity = Identity::default();
        let held: Vec<_> = solution.iter().filter_map(|fact| self.leaves.get(*fact)).collect();
        let brought = |hierarchy: &Hierarchy, name: &str, others: &[&str]| {
            // Of two that include each other, which no macro writes, one stands for both.
            let brings = |other: &str| {
                hierarchy.includes(other, name)
                    && (!hierarchy.includes(name, other) || other < name)
            };
            others.iter().any(|other| *other != name && brings(other))
        };
        let mut roles = Vec::new();
        let mut scopes = Vec::new();
        for leaf in held {
            match leaf {
                Leaf::Role(name) => roles.push(*name),
                Leaf::Scope(name) => scopes.push(*name),
                Leaf::Mfa => identity.mfa = true,
                Leaf::Bound => identity.bound = true,
                Leaf::Acr(class) => identity.acr = Some((*class).to_owned()),
                Leaf::Age(age) => identity.age = Some(identity.age.unwrap_or(*age).min(*age)),
            }
        }
        let needed = |hierarchy: &Hierarchy, names: &[&str]| {
            let needed = names.iter().filter(|name| !brought(hierarchy, name, names));
            needed.map(|name| (*name).to_owned()).collect()
        };
        identity.roles = needed(&vocabulary.roles, &roles);
        identity.scopes = needed(&vocabulary.scopes, &scopes);
        identity
    }
}

fn brings(vocabulary: &Vocabulary, first: &Leaf<'_>, second: &Leaf<'_>) -> bool {
    match (first, second) {
        (Leaf::Role(first), Leaf::Role(second)) => vocabulary.roles.includes(first, second),
        (Leaf::Scope(first), Leaf::Scope(second)) => vocabulary.scopes.includes(first, second),
        (Leaf::Age(first), Leaf::Age(second)) => first <= second,
        _ => false,
    }
}

fn excludes(vocabulary: &Vocabulary, first: &Leaf<'_>, second: &Leaf<'_>) -> bool {
    match (first, second) {
        (Leaf::Acr(first), Leaf::Acr(second)) => first != second,
        (Leaf::Role(first), Leaf::Role(second)) => {
            let includes = |holder: &str, index: usize| {
                vocabulary.roles.closure(holder).is_some_and(|held| held.contains(&index))
            };
            vocabulary.exclusions.iter().any(|(left, right)| {
                (includes(first, *left) && includes(second, *right))
                    || (includes(first, *right) && includes(second, *left))
            })
        }
        _ => false,
    }
}
