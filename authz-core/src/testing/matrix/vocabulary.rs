//! The names of a policy and what includes what, as the manifest tells it.

use std::collections::BTreeSet;

use crate::manifest::{self, Requirement};

/// Indices of names, closed over the hierarchy where it is said.
pub(super) type Set = BTreeSet<usize>;

/// The roles and scopes of one policy.
#[derive(Clone, Debug)]
pub(super) struct Vocabulary {
    pub(super) roles: Names,
    pub(super) scopes: Names,
    /// The authentication context classes that functions of the application ask for.
    pub(super) classes: BTreeSet<String>,
    /// Roles that nobody may hold together.
    exclusive: Vec<(usize, usize)>,
}

/// The names of one kind.
#[derive(Clone, Debug)]
pub(super) struct Names {
    wire: Vec<String>,
    /// What each includes directly.
    includes: Vec<Vec<usize>>,
    /// What each includes, itself among it.
    closure: Vec<Set>,
}

impl Vocabulary {
    pub(super) fn of(policy: &manifest::Policy) -> Self {
        let roles = Names::of(&policy.roles);
        let pairs = policy.roles.iter().enumerate().flat_map(|(index, role)| {
            role.excludes.iter().map(move |other| (index, other.as_str()))
        });
        let exclusive =
            pairs.filter_map(|(index, other)| Some((index, roles.find(other)?))).collect();
        Self { roles, scopes: Names::of(&policy.scopes), classes: BTreeSet::new(), exclusive }
    }

    /// Adds the classes that a requirement asks for.
    pub(super) fn learn(&mut self, requirement: &Requirement) {
        match requirement {
            Requirement::Acr(class) => drop(self.classes.insert(class.clone())),
            Requirement::All(parts) | Requirement::Any(parts) => {
                for part in parts {
                    self.learn(part);
                }
            }
            Requirement::Not(part) => self.learn(part),
            Requirement::Rule { requires, .. } => self.learn(requires),
            _ => {}
        }
    }

    /// As many roles as one can hold without these, for each way to choose among those that exclude
    /// each other.
    pub(super) fn most_roles(&self, without: &Set) -> BTreeSet<Set> {
        let first = self.exclusive.iter().flat_map(|(left, right)| [*left, *right]).map(Some);
        let most = |first: Option<usize>| {
            let mut held = Set::new();
            for role in first.into_iter().chain(0..self.roles.wire.len()) {
                let given = self.roles.closed(&[role]);
                if !given.is_disjoint(without) {
                    continue;
                }
                if self.exclusive.is_empty() || !self.exclude(&(&held | &given)) {
                    held.extend(given);
                }
            }
            held
        };
        first.chain([None]).map(most).collect()
    }

    /// As many scopes as one can hold without these.
    pub(super) fn most_scopes(&self, without: &Set) -> Set {
        let all = 0..self.scopes.wire.len();
        let closed = all.map(|scope| self.scopes.closed(&[scope]));
        closed.filter(|held| held.is_disjoint(without)).flatten().collect()
    }

    /// Whether a verifier would refuse whoever holds these roles.
    pub(super) fn exclude(&self, roles: &Set) -> bool {
        self.exclusive.iter().any(|(left, right)| roles.contains(left) && roles.contains(right))
    }
}

impl Names {
    fn of(names: &[manifest::Name]) -> Self {
        let find = |name: &String| names.iter().position(|other| other.name == *name);
        let includes: Vec<Vec<usize>> =
            names.iter().map(|name| name.includes.iter().filter_map(find).collect()).collect();
        let closure = (0..names.len()).map(|index| close(&includes, index)).collect();
        Self { wire: names.iter().map(|name| name.name.clone()).collect(), includes, closure }
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.wire.iter().position(|other| other == name)
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.wire.get(index).map_or("", String::as_str)
    }

    /// What whoever is given these names holds.
    pub(super) fn closed<'a>(&self, given: impl IntoIterator<Item = &'a usize>) -> Set {
        given.into_iter().filter_map(|index| self.closure.get(*index)).flatten().copied().collect()
    }

    /// The fewest names that give all that is held.
    pub(super) fn given(&self, held: &Set) -> Set {
        let by_another = |name: &usize| {
            held.iter().any(|other| {
                other != name && self.closure.get(*other).is_some_and(|all| all.contains(name))
            })
        };
        held.iter().copied().filter(|name| !by_another(name)).collect()
    }

    /// What is left of the held names when one that was given is taken away, and when what it
    /// includes directly is given in its place.
    pub(super) fn weaker(&self, held: &Set) -> BTreeSet<Set> {
        let given = self.given(held);
        let mut weaker = BTreeSet::new();
        for name in &given {
            let others = given.iter().filter(|other| *other != name);
            let included = self.includes.get(*name).map(Vec::as_slice).unwrap_or_default();
            weaker.insert(self.closed(others.clone()));
            weaker.insert(self.closed(others.chain(included)));
        }
        weaker
    }
}

/// A cycle can't be: the derive refuses it.
fn close(includes: &[Vec<usize>], name: usize) -> Set {
    let mut closure = Set::from([name]);
    let mut open = vec![name];
    while let Some(next) = open.pop() {
        let lower = includes.get(next).map(Vec::as_slice).unwrap_or_default();
        open.extend(lower.iter().copied().filter(|name| closure.insert(*name)));
    }
    closure
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Set, Vocabulary};
    use crate::manifest::{Name, Policy};

    fn name(name: &str, includes: &[&str], excludes: &[&str]) -> Name {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Name {
            name: name.to_owned(),
            variant: String::new(),
            doc: String::new(),
            includes: owned(includes),
            excludes: owned(excludes),
            grants: Vec::new(),
        }
    }

    /// `admin` > `manager` > `clerk`, `auditor`; `guest` alone, and not with `auditor`.
    pub(in super::super) fn shop() -> Vocabulary {
        Vocabulary::of(&Policy {
            id: "shop::Policy".to_owned(),
            roles: vec![
                name("admin", &["manager"], &[]),
                name("manager", &["clerk", "auditor"], &[]),
                name("clerk", &[], &[]),
                name("auditor", &[], &["guest"]),
                name("guest", &[], &[]),
            ],
            scopes: vec![name("write", &["read"], &[]), name("read", &[], &[])],
        })
    }

    #[test]
    fn what_is_held_is_given_by_the_fewest_names() {
        let roles = shop().roles;
        let held = roles.closed(&[1, 4]);
        assert_eq!(held, Set::from([1, 2, 3, 4]));
        assert_eq!(roles.given(&held), Set::from([1, 4]));
    }

    #[test]
    fn a_step_down_takes_a_name_away_or_gives_what_it_includes() {
        let shop = shop();
        let roles = &shop.roles;
        let weaker: Vec<Set> = roles.weaker(&roles.closed(&[1])).into_iter().collect();
        assert_eq!(weaker, [Set::new(), Set::from([2, 3])]);
        let weaker: Vec<Set> = shop.scopes.weaker(&shop.scopes.closed(&[0])).into_iter().collect();
        assert_eq!(weaker, [Set::new(), Set::from([1])]);
        assert!(roles.weaker(&Set::new()).is_empty());
    }

    #[test]
    fn the_most_that_one_can_hold_without_some_names() {
        let shop = shop();
        let most = |without: &[usize]| shop.most_roles(&without.iter().copied().collect());
        assert_eq!(most(&[]), [Set::from([0, 1, 2, 3]), Set::from([2, 4])].into());
        assert_eq!(most(&[2]), [Set::from([3]), Set::from([4])].into());
        assert_eq!(shop.most_scopes(&Set::from([0])), Set::from([1]));
        assert_eq!(shop.most_scopes(&Set::new()), Set::from([0, 1]));
    }

    #[test]
    fn roles_that_exclude_each_other_do_so_by_what_includes_them() {
        let shop = shop();
        assert!(shop.exclude(&shop.roles.closed(&[0, 4])));
        assert!(!shop.exclude(&shop.roles.closed(&[2, 4])));
    }
}
