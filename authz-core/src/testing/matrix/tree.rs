//! A requirement of the manifest on names of the vocabulary: who meets it, and what is asked of who
//! does not.
//!
//! Absent on purpose: anything of [`Requirement`](crate::Requirement) and its evaluation. This is
//! what the manifest says, read by itself, so that a difference to what is enforced shows.

use std::collections::BTreeSet;

use super::caller::Caller;
use super::vocabulary::Vocabulary;
use crate::manifest::Requirement;

/// A requirement, its names found.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Always,
    Role(usize),
    Scope(usize),
    Mfa,
    Bound,
    Acr(String),
    MaxAge(u64),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

/// What a caller would have to bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) roles: BTreeSet<usize>,
    pub(super) scopes: BTreeSet<usize>,
    pub(super) acr: BTreeSet<String>,
    pub(super) mfa: bool,
    pub(super) bound: bool,
    pub(super) max_age: Option<u64>,
    /// Has something that excludes it.
    pub(super) excluded: bool,
}

impl Tree {
    /// # Panics
    ///
    /// When a name is not in the vocabulary, which the compiler does not let happen.
    pub(super) fn of(requirement: &Requirement, vocabulary: &Vocabulary) -> Self {
        let found = |index: Option<usize>, kind: &str, name: &str| match index {
            Some(index) => index,
            None => panic!("the manifest asks for the {kind} `{name}`, which its policy lacks"),
        };
        let parts =
            |parts: &[Requirement]| parts.iter().map(|part| Self::of(part, vocabulary)).collect();
        match requirement {
            Requirement::Anyone | Requirement::Authenticated => Self::Always,
            Requirement::Role(name) => Self::Role(found(vocabulary.roles.find(name), "role", name)),
            Requirement::Scope(name) => {
                Self::Scope(found(vocabulary.scopes.find(name), "scope", name))
            }
            Requirement::Mfa => Self::Mfa,
            Requirement::Bound => Self::Bound,
            Requirement::Acr(class) => Self::Acr(class.clone()),
            Requirement::MaxAge(seconds) => Self::MaxAge(*seconds),
            Requirement::All(all) => Self::All(parts(all)),
            Requirement::Any(any) => Self::Any(parts(any)),
            Requirement::Not(part) => Self::Not(Box::new(Self::of(part, vocabulary))),
            Requirement::Rule { requires, .. } => Self::of(requires, vocabulary),
        }
    }

    pub(super) fn is_met_by(&self, caller: &Caller) -> bool {
        match self {
            Self::Always => true,
            Self::Role(role) => caller.roles.contains(role),
            Self::Scope(scope) => caller.scopes.contains(scope),
            Self::Mfa => caller.mfa,
            Self::Bound => caller.bound,
            Self::Acr(class) => caller.acr.as_ref() == Some(class),
            Self::MaxAge(seconds) => caller.age.is_some_and(|age| age <= *seconds),
            Self::All(parts) => parts.iter().all(|part| part.is_met_by(caller)),
            Self::Any(parts) => parts.iter().any(|part| part.is_met_by(caller)),
            Self::Not(part) => !part.is_met_by(caller),
        }
    }

    /// Whether having more never takes access away.
    pub(super) fn is_monotone(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().all(Self::is_monotone),
            Self::Not(_) => false,
            _ => true,
        }
    }

    /// What the caller lacks. Of alternatives the one that asks least of it: a new log-in before
    /// another scope, a scope before a role, the first of equals.
    pub(super) fn need(&self, caller: &Caller) -> Need {
        if let Self::All(parts) = self {
            return parts.iter().fold(Need::default(), |need, part| need.and(part.need(caller)));
        }
        if self.is_met_by(caller) {
            return Need::default();
        }
        let nothing = Need::default();
        match self {
            Self::Always | Self::All(_) => nothing,
            Self::Role(role) => Need { roles: [*role].into(), ..nothing },
            Self::Scope(scope) => Need { scopes: [*scope].into(), ..nothing },
            Self::Mfa => Need { mfa: true, ..nothing },
            Self::Bound => Need { bound: true, ..nothing },
            Self::Acr(class) => Need { acr: [class.clone()].into(), ..nothing },
            Self::MaxAge(seconds) => Need { max_age: Some(*seconds), ..nothing },
            Self::Not(part) => match &**part {
                Self::Not(part) => part.need(caller),
                _ => Need { excluded: true, ..nothing },
            },
            Self::Any(parts) => parts
                .iter()
                .map(|part| part.need(caller))
                .min_by_key(Need::cost)
                .unwrap_or(Need { excluded: true, ..nothing }),
        }
    }
}

impl Need {
    fn and(mut self, other: Self) -> Self {
        self.roles.extend(other.roles);
        self.scopes.extend(other.scopes);
        self.acr.extend(other.acr);
        self.mfa |= other.mfa;
        self.bound |= other.bound;
        self.max_age = self.max_age.into_iter().chain(other.max_age).min();
        self.excluded |= other.excluded;
        self
    }

    fn cost(&self) -> (bool, usize, usize, usize) {
        let log_in = usize::from(self.mfa)
            + usize::from(self.bound)
            + usize::from(self.max_age.is_some())
            + self.acr.len();
        (self.excluded, self.roles.len(), self.scopes.len(), log_in)
    }

    /// Whether logging in again would do, but for scopes.
    pub(super) fn is_log_in(&self) -> bool {
        let log_in = self.mfa || self.max_age.is_some() || !self.acr.is_empty();
        log_in && self.roles.is_empty() && !self.excluded
    }

    /// Whether a bound token would do, but for scopes and a log-in.
    pub(super) fn is_binding(&self) -> bool {
        self.bound && self.roles.is_empty() && !self.excluded
    }
}
