//! What requirements ask for at the ends of their trees.

use std::collections::HashSet;

use authz_manifest::Requirement;

/// One thing that a requirement asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leaf<'a> {
    /// A role.
    Role(&'a str),
    /// A scope.
    Scope(&'a str),
    /// A second factor.
    Mfa,
    /// A token that is bound to its sender.
    Bound,
    /// An authentication context class.
    Acr(&'a str),
    /// A log-in at most so many seconds ago.
    Age(u64),
}

/// What a requirement asks for at its ends, each once, in the order of first mention.
#[must_use]
pub fn leaves(requirement: &Requirement) -> Vec<Leaf<'_>> {
    Leaves::of([requirement]).order
}

/// Things asked for, each once, in the order of first mention: neighbours in a requirement are
/// neighbours in its diagram, which keeps diagrams small.
#[derive(Default)]
pub(crate) struct Leaves<'a> {
    pub(crate) order: Vec<Leaf<'a>>,
    seen: HashSet<Leaf<'a>>,
}

impl<'a> Leaves<'a> {
    pub(crate) fn of(requirements: impl IntoIterator<Item = &'a Requirement>) -> Self {
        let mut leaves = Self::default();
        requirements.into_iter().for_each(|requirement| leaves.add_all(requirement));
        leaves
    }

    fn add_all(&mut self, requirement: &'a Requirement) {
        match requirement {
            Requirement::Anyone | Requirement::Authenticated => {}
            Requirement::Role(name) => self.add(Leaf::Role(name)),
            Requirement::Scope(name) => self.add(Leaf::Scope(name)),
            Requirement::Mfa => self.add(Leaf::Mfa),
            Requirement::Bound => self.add(Leaf::Bound),
            Requirement::Acr(class) => self.add(Leaf::Acr(class)),
            Requirement::MaxAge(seconds) => self.add(Leaf::Age(*seconds)),
            Requirement::All(parts) | Requirement::Any(parts) => {
                for part in parts {
                    self.add_all(part);
                }
            }
            Requirement::Not(part) | Requirement::Rule { requires: part, .. } => {
                self.add_all(part);
            }
        }
    }

    fn add(&mut self, leaf: Leaf<'a>) {
        if self.seen.insert(leaf) {
            self.order.push(leaf);
        }
    }

    /// The roles, and the place of each.
    pub(crate) fn roles(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        self.select(|leaf| if let Leaf::Role(name) = leaf { Some(name) } else { None })
    }

    /// The scopes, and the place of each.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        self.select(|leaf| if let Leaf::Scope(name) = leaf { Some(name) } else { None })
    }

    /// The authentication context classes, and the place of each.
    pub(crate) fn classes(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        self.select(|leaf| if let Leaf::Acr(class) = leaf { Some(class) } else { None })
    }

    /// The ages, and the place of each.
    pub(crate) fn ages(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.select(|leaf| if let Leaf::Age(age) = leaf { Some(age) } else { None })
    }

    /// The place of something that has no name.
    pub(crate) fn place(&self, leaf: Leaf<'_>) -> Option<usize> {
        self.order.iter().position(|other| *other == leaf)
    }

    fn select<T>(&self, of: impl Fn(Leaf<'a>) -> Option<T>) -> impl Iterator<Item = (usize, T)> {
        self.order.iter().enumerate().filter_map(move |(place, leaf)| Some((place, of(*leaf)?)))
    }
}
