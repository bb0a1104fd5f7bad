//! The identities that say what a requirement means: the weakest that pass, the weakest beyond
//! these that are refused again, and so on.
//!
//! A requirement is written out as alternatives of facts that have to be there and facts that must
//! not. The weakest identity above another that meets an alternative is that other one with what has
//! to be there, unless it then has what must not. So the weakest of all are found without a look at
//! everybody. INVARIANT: two requirements with the same identities here let the same callers pass:
//! going up from nothing, whoever is asked about stands on the last of these that is within it.

use std::collections::{BTreeMap, BTreeSet};

use super::caller::Caller;
use super::tree::Tree;
use super::vocabulary::{Set, Vocabulary};

/// How many alternatives a requirement may come to.
const LIMIT: usize = 2_000;

/// The identities at which the answer changes, with the answer, and whoever holds nothing.
///
/// # Panics
///
/// When a requirement comes to more alternatives than can be looked at.
pub(super) fn frontier(tree: &Tree, vocabulary: &Vocabulary) -> BTreeMap<Caller, bool> {
    let nobody = Caller::default();
    let mut answer = tree.is_met_by(&nobody);
    let mut frontier = BTreeMap::from([(nobody.clone(), answer)]);
    let mut layer = BTreeSet::from([nobody]);
    // Whoever has more than somebody who passes passes too, where nothing is forbidden.
    let ends_at_passing = tree.is_monotone();
    while !(layer.is_empty() || answer && ends_at_passing) {
        answer = !answer;
        let alternatives = alternatives(tree, answer);
        let beyond = |caller| weakest_beyond(caller, &alternatives, vocabulary);
        layer = layer.iter().flat_map(beyond).collect();
        frontier.extend(layer.iter().map(|caller| (caller.clone(), answer)));
    }
    frontier
}

/// The strongest who pass and the strongest who do not, in each way to come to either.
///
/// With the weakest who pass they bracket a requirement: a check that asks for less lets one of those
/// pass who do not, and one that asks for more refuses one of the weakest.
pub(super) fn strongest(tree: &Tree, vocabulary: &Vocabulary) -> BTreeSet<Caller> {
    let ways = [true, false].into_iter().flat_map(|answer| alternatives(tree, answer));
    ways.flat_map(|facts| facts.greatest(vocabulary)).collect()
}

/// The weakest that have what `base` has and meet one of the alternatives.
fn weakest_beyond(
    base: &Caller,
    alternatives: &[Facts],
    vocabulary: &Vocabulary,
) -> BTreeSet<Caller> {
    let all: BTreeSet<_> =
        alternatives.iter().filter_map(|facts| facts.least_beyond(base, vocabulary)).collect();
    let is_weakest =
        |caller: &&Caller| !all.iter().any(|other| other != *caller && other.is_within(caller));
    all.iter().filter(is_weakest).cloned().collect()
}

/// One way to meet a requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    roles: Set,
    no_roles: Set,
    scopes: Set,
    no_scopes: Set,
    mfa: Option<bool>,
    bound: Option<bool>,
    acr: Option<String>,
    no_acr: BTreeSet<String>,
    /// The greatest age that will do.
    fresh: Option<u64>,
    /// A log-in so many seconds ago is too recent.
    stale: Option<u64>,
}

impl Facts {
    /// The weakest identity that has what `base` has and is so; `None` where there is none.
    fn least_beyond(&self, base: &Caller, vocabulary: &Vocabulary) -> Option<Caller> {
        let mut caller = base.clone();
        caller.roles.extend(vocabulary.roles.closed(&self.roles));
        caller.scopes.extend(vocabulary.scopes.closed(&self.scopes));
        caller.mfa |= self.mfa == Some(true);
        caller.bound |= self.bound == Some(true);
        if let Some(class) = &self.acr {
            if caller.acr.as_ref().is_some_and(|other| other != class) {
                return None;
            }
            caller.acr = Some(class.clone());
        }
        caller.age = caller.age.into_iter().chain(self.fresh).min();
        let forbidden = !caller.roles.is_disjoint(&self.no_roles)
            || !caller.scopes.is_disjoint(&self.no_scopes)
            || (caller.mfa && self.mfa == Some(false))
            || (caller.bound && self.bound == Some(false))
            || caller.acr.as_ref().is_some_and(|class| self.no_acr.contains(class))
            || caller.age.zip(self.stale).is_some_and(|(age, stale)| age <= stale)
            || vocabulary.exclude(&caller.roles);
        (!forbidden).then_some(caller)
    }

    /// The strongest identities that are so: one for each choice among roles and classes that exclude
    /// each other.
    fn greatest(&self, vocabulary: &Vocabulary) -> Vec<Caller> {
        let scopes = vocabulary.most_scopes(&self.no_scopes);
        let mut classes: Vec<_> = vocabulary.classes.difference(&self.no_acr).map(Some).collect();
        if self.acr.is_some() {
            classes = vec![self.acr.as_ref()];
        } else if classes.is_empty() {
            classes = vec![None];
        }
        let age = self.stale.map_or(Some(0), |stale| stale.checked_add(1));
        let mut greatest = Vec::new();
        for roles in vocabulary.most_roles(&self.no_roles) {
            if !self.roles.is_subset(&roles) || !self.scopes.is_subset(&scopes) {
                continue;
            }
            greatest.extend(classes.iter().map(|class| Caller {
                roles: roles.clone(),
                scopes: scopes.clone(),
                mfa: self.mfa.unwrap_or(true),
                bound: self.bound.unwrap_or(true),
                acr: class.cloned(),
                age,
            }));
        }
        greatest
    }

    /// Both; `None` where that can't be.
    fn and(&self, other: &Self) -> Option<Self> {
        let differ = conflict(self.mfa.as_ref(), other.mfa.as_ref())
            || conflict(self.bound.as_ref(), other.bound.as_ref())
            || conflict(self.acr.as_ref(), other.acr.as_ref());
        (!differ).then(|| Self {
            roles: &self.roles | &other.roles,
            no_roles: &self.no_roles | &other.no_roles,
            scopes: &self.scopes | &other.scopes,
            no_scopes: &self.no_scopes | &other.no_scopes,
            mfa: self.mfa.or(other.mfa),
            bound: self.bound.or(other.bound),
            acr: self.acr.as_ref().or(other.acr.as_ref()).cloned(),
            no_acr: &self.no_acr | &other.no_acr,
            fresh: self.fresh.into_iter().chain(other.fresh).min(),
            stale: self.stale.max(other.stale),
        })
    }

    /// Whether whoever is as `other` says is so as well.
    fn covers(&self, other: &Self) -> bool {
        let flag = |ours: Option<bool>, theirs| ours.is_none() || ours == theirs;
        self.roles.is_subset(&other.roles)
            && self.no_roles.is_subset(&other.no_roles)
            && self.scopes.is_subset(&other.scopes)
            && self.no_scopes.is_subset(&other.no_scopes)
            && flag(self.mfa, other.mfa)
            && flag(self.bound, other.bound)
            && (self.acr.is_none() || self.acr == other.acr)
            && self.no_acr.is_subset(&other.no_acr)
            && self.fresh.is_none_or(|ours| other.fresh.is_some_and(|theirs| theirs <= ours))
            && self.stale <= other.stale
    }
}

/// Whether two values are asked for.
fn conflict<T: PartialEq>(left: Option<&T>, right: Option<&T>) -> bool {
    left.zip(right).is_some_and(|(left, right)| left != right)
}

/// The ways in which the tree comes to `answer`.
fn alternatives(tree: &Tree, answer: bool) -> Vec<Facts> {
    let nothing = Facts::default();
    let one = |yes: Facts, no: Facts| vec![if answer { yes } else { no }];
    match tree {
        Tree::Always if answer => vec![nothing],
        Tree::Always => Vec::new(),
        Tree::Role(role) => one(
            Facts { roles: [*role].into(), ..nothing.clone() },
            Facts { no_roles: [*role].into(), ..nothing },
        ),
        Tree::Scope(scope) => one(
            Facts { scopes: [*scope].into(), ..nothing.clone() },
            Facts { no_scopes: [*scope].into(), ..nothing },
        ),
        Tree::Mfa => vec![Facts { mfa: Some(answer), ..nothing }],
        Tree::Bound => vec![Facts { bound: Some(answer), ..nothing }],
        Tree::Acr(class) => one(
            Facts { acr: Some(class.clone()), ..nothing.clone() },
            Facts { no_acr: [class.clone()].into(), ..nothing },
        ),
        Tree::MaxAge(seconds) => one(
            Facts { fresh: Some(*seconds), ..nothing.clone() },
            Facts { stale: Some(*seconds), ..nothing },
        ),
        Tree::Not(part) => alternatives(part, !answer),
        Tree::All(parts) if answer => every(parts, answer),
        Tree::Any(parts) if !answer => every(parts, answer),
        Tree::All(parts) | Tree::Any(parts) => {
            shortest(parts.iter().flat_map(|part| alternatives(part, answer)))
        }
    }
}

/// The ways in which every part comes to `answer`.
fn every(parts: &[Tree], answer: bool) -> Vec<Facts> {
    parts.iter().fold(vec![Facts::default()], |ways, part| {
        let others = alternatives(part, answer);
        shortest(ways.iter().flat_map(|way| others.iter().filter_map(|other| way.and(other))))
    })
}

/// Without the ways that others cover.
fn shortest(ways: impl Iterator<Item = Facts>) -> Vec<Facts> {
    let mut kept: Vec<Facts> = Vec::new();
    for way in ways {
        if kept.iter().any(|other| other.covers(&way)) {
            continue;
        }
        kept.retain(|other| !way.covers(other));
        kept.push(way);
        assert!(
            kept.len() <= LIMIT,
            "a requirement comes to more than {LIMIT} alternatives; give it fewer parts side by side"
        );
    }
    kept
}
