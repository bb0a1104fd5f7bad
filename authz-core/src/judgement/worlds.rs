//! The truth table of a requirement: one world for each way in which its names can be met.
//!
//! A world is possible where some identity is in it. Roles and scopes include each other, roles
//! exclude each other, a token has one `acr`, and whoever logged in within a minute did so within
//! an hour; all of these relate two names, so a pass over the pairs finds what is impossible.

use crate::judgement::LIMIT;
use crate::requirement::Requirement;
use crate::vocabulary::{Table, conflict, same};

/// A set of worlds: one bit for each way to meet or not meet `LIMIT` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Worlds([u64; WORDS]);

const WORDS: usize = (1 << LIMIT) / 64;

impl Worlds {
    pub(super) const NONE: Self = Self([0; WORDS]);
    const ALL: Self = Self([u64::MAX; WORDS]);

    /// The worlds in which the name at `position` is met: those whose number has that bit.
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below WORDS")]
    const fn of_name(position: usize) -> Self {
        let mut worlds = Self::NONE;
        let mut world = 0;
        while world < 1 << LIMIT {
            if world >> position & 1 == 1 {
                worlds.0[world / 64] |= 1 << (world % 64);
            }
            world += 1;
        }
        worlds
    }

    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below WORDS")]
    pub(super) const fn and(mut self, other: Self) -> Self {
        let mut word = 0;
        while word < WORDS {
            self.0[word] &= other.0[word];
            word += 1;
        }
        self
    }

    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below WORDS")]
    const fn not(mut self) -> Self {
        let mut word = 0;
        while word < WORDS {
            self.0[word] = !self.0[word];
            word += 1;
        }
        self
    }

    const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below WORDS")]
    pub(super) const fn is_empty(self) -> bool {
        let mut word = 0;
        while word < WORDS {
            if self.0[word] != 0 {
                return false;
            }
            word += 1;
        }
        true
    }

    /// Whether each of these worlds is one of `other`.
    pub(super) const fn within(self, other: Self) -> bool {
        self.and(other.not()).is_empty()
    }
}

/// For each position of a name, the worlds in which it is met. Made once for all requirements.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below LIMIT")]
const COLUMNS: [Worlds; LIMIT] = {
    let mut columns = [Worlds::NONE; LIMIT];
    let mut position = 0;
    while position < LIMIT {
        columns[position] = Worlds::of_name(position);
        position += 1;
    }
    columns
};

/// Something that an identity meets or does not.
#[derive(Clone, Copy)]
enum Name {
    Role(usize),
    Scope(usize),
    Mfa,
    Bound,
    Acr(&'static str),
    MaxAge(u64),
}

/// The different names of a requirement.
pub(super) struct Names {
    roles: &'static Table,
    scopes: &'static Table,
    found: [Name; LIMIT],
    count: usize,
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, on positions below LIMIT")]
impl Names {
    pub(super) const fn new(roles: &'static Table, scopes: &'static Table) -> Self {
        Self { roles, scopes, found: [Name::Mfa; LIMIT], count: 0 }
    }

    /// Adds the names of `parts`; `false` where one is unknown, or they are too many.
    pub(super) const fn collect(&mut self, parts: &[Requirement]) -> bool {
        let mut parts = parts;
        while let [part, rest @ ..] = parts {
            let known = match part {
                Requirement::All(inner) | Requirement::Any(inner) => self.collect(inner),
                Requirement::Not(inner) => self.collect(std::slice::from_ref(*inner)),
                Requirement::Rule(rule) => self.collect(std::slice::from_ref(rule.requirement())),
                other => match name_of(other) {
                    Some(name) => self.add(name),
                    None => true,
                },
            };
            if !known {
                return false;
            }
            parts = rest;
        }
        true
    }

    const fn add(&mut self, name: Name) -> bool {
        let known = match name {
            Name::Role(index) => index < self.roles.names.len(),
            Name::Scope(index) => index < self.scopes.names.len(),
            Name::Mfa | Name::Bound | Name::Acr(_) | Name::MaxAge(_) => true,
        };
        if !known {
            return false;
        }
        if self.position(name) < self.count {
            return true;
        }
        if self.count == LIMIT {
            return false;
        }
        self.found[self.count] = name;
        self.count += 1;
        true
    }

    const fn position(&self, name: Name) -> usize {
        let mut position = 0;
        while position < self.count && !equal(self.found[position], name) {
            position += 1;
        }
        position
    }

    /// The worlds in which an identity can be.
    pub(super) const fn possible(&self) -> Worlds {
        let mut possible = Worlds::ALL;
        // A name that is not there is met in no world.
        let mut left = self.count;
        while left < LIMIT {
            possible = possible.and(COLUMNS[left].not());
            left += 1;
        }
        left = 0;
        while left < self.count {
            let mut right = 0;
            while right < self.count {
                if left != right {
                    possible = possible.and(self.relation(left, right).not());
                }
                right += 1;
            }
            left += 1;
        }
        possible
    }

    /// The worlds that the relation of two names rules out.
    const fn relation(&self, left: usize, right: usize) -> Worlds {
        let only_left = COLUMNS[left].and(COLUMNS[right].not());
        let both = COLUMNS[left].and(COLUMNS[right]);
        match (self.found[left], self.found[right]) {
            (Name::Role(one), Name::Role(other)) => {
                if self.roles.includes(one, other) {
                    only_left
                } else if conflict(self.roles, one, other).is_some() {
                    both
                } else {
                    Worlds::NONE
                }
            }
            (Name::Scope(one), Name::Scope(other)) if self.scopes.includes(one, other) => only_left,
            (Name::MaxAge(one), Name::MaxAge(other)) if one < other => only_left,
            (Name::Acr(_), Name::Acr(_)) => both,
            _ => Worlds::NONE,
        }
    }

    /// The worlds in which every part is met.
    pub(super) const fn all(&self, parts: &[Requirement]) -> Worlds {
        let mut worlds = Worlds::ALL;
        let mut parts = parts;
        while let [part, rest @ ..] = parts {
            worlds = worlds.and(self.worlds(part));
            parts = rest;
        }
        worlds
    }

    /// The worlds in which the requirement is met.
    pub(super) const fn worlds(&self, requirement: &Requirement) -> Worlds {
        match requirement {
            Requirement::All(parts) => self.all(parts),
            Requirement::Any(parts) => {
                let mut worlds = Worlds::NONE;
                let mut parts = *parts;
                while let [part, rest @ ..] = parts {
                    worlds = worlds.or(self.worlds(part));
                    parts = rest;
                }
                worlds
            }
            Requirement::Not(part) => self.worlds(part).not(),
            Requirement::Rule(rule) => self.worlds(rule.requirement()),
            other => match name_of(other) {
                Some(name) => COLUMNS[self.position(name)],
                None => Worlds::ALL,
            },
        }
    }
}

/// The name that a requirement asks for, if it is a single one.
const fn name_of(requirement: &Requirement) -> Option<Name> {
    match requirement {
        Requirement::Role(name) => Some(Name::Role(name.index())),
        Requirement::Scope(name) => Some(Name::Scope(name.index())),
        Requirement::Mfa => Some(Name::Mfa),
        Requirement::Bound => Some(Name::Bound),
        Requirement::Acr(class) => Some(Name::Acr(class)),
        Requirement::MaxAge(seconds) => Some(Name::MaxAge(*seconds)),
        Requirement::Anyone
        | Requirement::Authenticated
        | Requirement::All(_)
        | Requirement::Any(_)
        | Requirement::Not(_)
        | Requirement::Rule(_) => None,
    }
}

const fn equal(left: Name, right: Name) -> bool {
    match (left, right) {
        (Name::Role(left), Name::Role(right)) | (Name::Scope(left), Name::Scope(right)) => {
            left == right
        }
        (Name::Mfa, Name::Mfa) | (Name::Bound, Name::Bound) => true,
        (Name::Acr(left), Name::Acr(right)) => same(left, right),
        (Name::MaxAge(left), Name::MaxAge(right)) => left == right,
        _ => false,
    }
}
