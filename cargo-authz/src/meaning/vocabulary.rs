//! What a policy's names stand for: each name with all that it includes, and the evaluation of a
//! requirement over them.
//!
//! [`Vocabulary::permits`] is the reference: it walks the tree, and the decision procedure is
//! compared with it in tests.

use std::collections::{BTreeSet, HashMap};

use authz_manifest::{Name, Policy, Requirement};

use crate::identity::{Caller, Identity};

/// The roles and scopes of one policy, closed over their hierarchies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    pub(crate) roles: Hierarchy,
    pub(crate) scopes: Hierarchy,
    /// Pairs of roles that nobody holds together, by index.
    pub(crate) exclusions: Vec<(usize, usize)>,
    /// For each role, the scopes that are derived from it where somebody derives them.
    derived: Vec<BTreeSet<usize>>,
}

/// Names, and for each of them what it includes, itself among it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hierarchy {
    names: Vec<String>,
    index: HashMap<String, usize>,
    closure: Vec<BTreeSet<usize>>,
    /// The other way round: for each name, the names that include it.
    holders: Vec<Vec<usize>>,
}

impl Vocabulary {
    /// The vocabulary of a policy.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let roles = Hierarchy::new(&policy.roles);
        let pairs = policy.roles.iter().flat_map(|role| {
            role.excludes.iter().map(|other| (roles.find(&role.name), roles.find(other)))
        });
        // Each pair is declared on one side, or on both.
        let mut exclusions: Vec<_> = pairs
            .filter_map(|(left, right)| left.zip(right))
            .map(|(left, right)| (left.min(right), left.max(right)))
            .collect();
        exclusions.sort_unstable();
        exclusions.dedup();
        let scopes = Hierarchy::new(&policy.scopes);
        let derived = derived(policy, &roles, &scopes);
        Self { roles, scopes, exclusions, derived }
    }

    /// Whether two vocabularies have the same names with the same meaning, in whatever order.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let pairs = |vocabulary: &Self| -> BTreeSet<(String, String)> {
            let name = |index: usize| vocabulary.roles.name(index).to_owned();
            let sorted = |(left, right): &(usize, usize)| {
                let (left, right) = (name(*left), name(*right));
                if left < right { (left, right) } else { (right, left) }
            };
            vocabulary.exclusions.iter().map(sorted).collect()
        };
        self.roles.says_the_same(&other.roles)
            && self.scopes.says_the_same(&other.scopes)
            && pairs(self) == pairs(other)
            && !self.derives_more(other)
            && !other.derives_more(self)
    }

    /// Whether a role brings a scope here that it does not bring in the other.
    pub(crate) fn derives_more(&self, other: &Self) -> bool {
        let names = |vocabulary: &Self, role: &str| -> BTreeSet<String> {
            let index = vocabulary.roles.find(role);
            let derived = index.and_then(|index| vocabulary.derived.get(index));
            let name = |scope: &usize| vocabulary.scopes.name(*scope).to_owned();
            derived.into_iter().flatten().map(name).collect()
        };
        self.role_names().any(|role| !names(self, role).is_subset(&names(other, role)))
    }

    /// The scopes that these roles, or what they include, bring where somebody derives them.
    pub(crate) fn granted_by(&self, roles: &BTreeSet<String>) -> BTreeSet<String> {
        let derived = roles.iter().filter_map(|role| self.derived.get(self.roles.find(role)?));
        derived.flatten().map(|scope| self.scopes.name(*scope).to_owned()).collect()
    }

    /// The roles that bring a scope where somebody derives it, alone or by what they include.
    pub(crate) fn roles_that_bring(&self, scope: &str) -> impl Iterator<Item = &str> {
        let scope = self.scopes.find(scope);
        self.roles.names().zip(&self.derived).filter_map(move |(role, derived)| {
            scope.is_some_and(|scope| derived.contains(&scope)).then_some(role)
        })
    }

    /// Whether a name includes one here that it does not include in the other, which knows it.
    pub(crate) fn includes_more(&self, other: &Self) -> bool {
        self.roles.includes_more(&other.roles) || self.scopes.includes_more(&other.scopes)
    }

    /// The names of the roles.
    pub fn role_names(&self) -> impl Iterator<Item = &str> {
        self.roles.names()
    }

    /// The names of the scopes.
    pub fn scope_names(&self) -> impl Iterator<Item = &str> {
        self.scopes.names()
    }

    /// Whether an identity can exist: with two roles that exclude each other, a token is refused.
    #[must_use]
    pub fn admits(&self, identity: &Identity) -> bool {
        let held = self.roles.closed(&identity.roles);
        !self.exclusions.iter().any(|(left, right)| held.contains(left) && held.contains(right))
    }

    /// Whether `caller` may call a function with this attribute and this requirement.
    #[must_use]
    pub fn permits(&self, kind: &str, requirement: &Requirement, caller: &Caller) -> bool {
        match caller {
            _ if kind == "public" => true,
            Caller::Nobody => false,
            Caller::Somebody(identity) => {
                let roles = self.roles.closed(&identity.roles);
                let scopes = self.scopes.closed(&identity.scopes);
                self.admits(identity) && self.meets(requirement, identity, &roles, &scopes)
            }
        }
    }

    fn meets(
        &self,
        requirement: &Requirement,
        identity: &Identity,
        roles: &BTreeSet<usize>,
        scopes: &BTreeSet<usize>,
    ) -> bool {
        let meets = |part: &Requirement| self.meets(part, identity, roles, scopes);
        match requirement {
            Requirement::Anyone | Requirement::Authenticated => true,
            Requirement::Role(name) => {
                self.roles.find(name).is_some_and(|index| roles.contains(&index))
            }
            Requirement::Scope(name) => {
                self.scopes.find(name).is_some_and(|index| scopes.contains(&index))
            }
            Requirement::Mfa => identity.mfa,
            Requirement::Bound => identity.bound,
            Requirement::Acr(class) => identity.acr.as_ref() == Some(class),
            Requirement::MaxAge(seconds) => identity.age.is_some_and(|age| age <= *seconds),
            Requirement::All(parts) => parts.iter().all(meets),
            Requirement::Any(parts) => parts.iter().any(meets),
            Requirement::Not(part) => !meets(part),
            Requirement::Rule { requires, .. } => meets(requires),
        }
    }
}

impl Hierarchy {
    fn new(declared: &[Name]) -> Self {
        let names: Vec<_> = declared.iter().map(|name| name.name.clone()).collect();
        let index: HashMap<_, _> =
            names.iter().enumerate().map(|(index, name)| (name.clone(), index)).collect();
        let direct: Vec<Vec<usize>> = declared
            .iter()
            .map(|name| name.includes.iter().filter_map(|name| index.get(name).copied()).collect())
            .collect();
        let closure: Vec<_> = (0..names.len()).map(|start| reachable(start, &direct)).collect();
        let mut holders = vec![Vec::new(); names.len()];
        for (holder, included) in closure.iter().enumerate() {
            for name in included {
                if let Some(holders) = holders.get_mut(*name) {
                    holders.push(holder);
                }
            }
        }
        Self { names, index, closure, holders }
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(crate) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// The name and everything it includes; nothing for a name that is not here.
    pub(crate) fn closure(&self, name: &str) -> Option<&BTreeSet<usize>> {
        self.closure.get(self.find(name)?)
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let alike = |name: &str| match (self.closure(name), other.closure(name)) {
            (Some(ours), Some(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().all(|included| other.includes(name, self.name(*included)))
            }
            _ => false,
        };
        self.names.len() == other.names.len() && self.names().all(alike)
    }

    fn includes_more(&self, other: &Self) -> bool {
        self.names().any(|name| {
            let included = self.closure(name).into_iter().flatten().map(|index| self.name(*index));
            included
                .filter(|included| *included != name && other.find(included).is_some())
                .any(|included| !other.includes(name, included))
        })
    }

    /// The names that include `name`, itself among them.
    pub(crate) fn holders(&self, name: &str) -> impl Iterator<Item = &str> {
        self.find(name)
            .and_then(|index| self.holders.get(index))
            .into_iter()
            .flatten()
            .map(|holder| self.name(*holder))
    }

    /// Whether holding `holder` is holding `name`.
    pub(crate) fn includes(&self, holder: &str, name: &str) -> bool {
        let name = self.find(name);
        self.closure(holder).is_some_and(|held| name.is_some_and(|name| held.contains(&name)))
    }

    /// How much a name gives: the number of names it includes, itself among them.
    pub(crate) fn weight(&self, name: &str) -> usize {
        self.closure(name).map_or(0, BTreeSet::len)
    }

    /// The names that both sets hold, what they include among it; of these, those that no other one
    /// includes.
    pub(crate) fn common(
        &self,
        left: &BTreeSet<String>,
        right: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let (left, right) = (self.closed(left), self.closed(right));
        let common: BTreeSet<_> = left.intersection(&right).copied().collect();
        let included = |name: &usize| {
            common
                .iter()
                .filter(|other| *other != name)
                .any(|other| self.closure.get(*other).is_some_and(|closure| closure.contains(name)))
        };
        let greatest = common.iter().filter(|name| !included(name));
        greatest.map(|name| self.name(*name).to_owned()).collect()
    }

    /// The names, those that include most first.
    pub(crate) fn heaviest_first<'a>(&self, names: &'a BTreeSet<String>) -> Vec<&'a String> {
        let mut names: Vec<_> = names.iter().collect();
        names.sort_by_key(|name| std::cmp::Reverse(self.weight(name)));
        names
    }

    /// What may stand beside `rest` in the place of a name, that gives less: nothing, one of the names
    /// that it includes, or all of those together.
    pub(crate) fn instead_of(&self, name: &str, rest: &BTreeSet<String>) -> Vec<BTreeSet<String>> {
        let included: BTreeSet<String> = self
            .closure(name)
            .into_iter()
            .flatten()
            .map(|index| self.name(*index).to_owned())
            .filter(|included| included != name)
            .collect();
        let with = |names: &[&String]| {
            let mut set = rest.clone();
            set.extend(names.iter().map(|name| (*name).clone()));
            set
        };
        let mut one: Vec<_> = included.iter().collect();
        one.sort_by_key(|name| self.weight(name));
        let mut sets = vec![rest.clone()];
        sets.extend(one.iter().map(|name| with(&[*name])));
        if one.len() > 1 {
            sets.push(self.common(&with(&one), &with(&one)));
        }
        sets
    }

    fn closed(&self, held: &BTreeSet<String>) -> BTreeSet<usize> {
        held.iter().filter_map(|name| self.closure(name)).flatten().copied().collect()
    }
}

fn derived(policy: &Policy, roles: &Hierarchy, scopes: &Hierarchy) -> Vec<BTreeSet<usize>> {
    let granted: Vec<BTreeSet<usize>> = policy
        .roles
        .iter()
        .map(|role| role.grants.iter().filter_map(|scope| scopes.closure(scope)).flatten().copied())
        .map(Iterator::collect)
        .collect();
    let of = |held: &BTreeSet<usize>| {
        held.iter().filter_map(|role| granted.get(*role)).flatten().copied().collect()
    };
    roles.closure.iter().map(of).collect()
}

fn reachable(start: usize, direct: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut seen = vec![false; direct.len()];
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        let Some(seen) = seen.get_mut(name) else { continue };
        if !std::mem::replace(seen, true) {
            open.extend(direct.get(name).into_iter().flatten());
        }
    }
    // Built from a sorted list at once: a long chain has many.
    seen.into_iter().enumerate().filter(|(_, seen)| *seen).map(|(name, _)| name).collect()
}
