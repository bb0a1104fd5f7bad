//! The identities that a question is about, as yes-or-no facts: what a token may say, as far as the
//! requirements in question can see it.
//!
//! Roles and scopes are those that a token names, before any hierarchy, so that requirements under
//! two versions of a policy can be compared. Of names that no requirement in question can tell
//! apart, the weakest stands for all. An authentication context class is one of those asked for or
//! none of them; the age of a log-in lies in one of the intervals between the ages asked for, and a
//! token without a time of log-in is as one whose log-in is too old for all of them.

use std::collections::{BTreeSet, HashMap};

use authz_manifest::Requirement;
use biodivine_lib_bdd::Bdd;

use super::diagram::{Diagram, Facts, TooComplex, and, and_not};
use super::leaves::{Leaf, Leaves};
use super::vocabulary::{Hierarchy, Vocabulary};
use crate::identity::Identity;

/// What a function asks for, and the policy it stands under.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The policy.
    pub vocabulary: &'a Vocabulary,
    /// Whether the function is open to callers without a token.
    pub public: bool,
    /// What is required.
    pub requirement: &'a Requirement,
}

/// Something that a token may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Role(String),
    Scope(String),
    Mfa,
    /// A token that is bound to its sender.
    Bound,
    /// This class, or none of those asked for.
    Acr(Option<String>),
    /// A log-in at most so many seconds ago, and longer ago than the next smaller age asked for;
    /// or none that is recent enough for any of them.
    Age(Option<u64>),
}

/// What a change of a fact counts, before its power is looked at.
const ONE: u128 = 1 << 64;
/// What taking something away counts beside giving something: nobody asks for less power.
const TAKEN: u128 = 1 << 48;

pub(crate) struct Space {
    pub(crate) facts: Vec<Fact>,
    diagrams: Facts,
    /// The identity that the question starts from.
    held: Identity,
    /// For each fact about a name, how much it gives.
    power: Vec<u128>,
}

impl Space {
    /// The space in which these requirements differ, starting from `held`, whose names keep a fact
    /// of their own.
    pub(crate) fn new(sides: &[Side<'_>], held: &Identity) -> Result<Self, TooComplex> {
        let leaves = Leaves::of(sides.iter().map(|side| side.requirement));
        let mut facts = role_facts(sides, &leaves, held);
        facts.extend(scope_facts(sides, &leaves, held));
        facts.extend(leaves.place(Leaf::Mfa).map(|place| (place, 1, Fact::Mfa)));
        facts.extend(leaves.place(Leaf::Bound).map(|place| (place, 1, Fact::Bound)));
        facts.extend(class_facts(&leaves, held));
        facts.extend(age_facts(&leaves));
        facts.sort_by_key(|(place, ..)| *place);
        let diagrams = Facts::new(facts.len())?;
        let (power, facts) = facts.into_iter().map(|(_, power, fact)| (power, fact)).unzip();
        Ok(Self { facts, diagrams, held: held.clone(), power })
    }

    /// The identities that pass.
    pub(crate) fn passing(&self, side: Side<'_>) -> Diagram {
        let possible = self.possible()?;
        if side.public {
            return Ok(possible);
        }
        let leaf = |leaf: Leaf<'_>| self.leaf(side.vocabulary, leaf);
        let met = self.diagrams.tree(side.requirement, &leaf)?;
        and(&and(&possible, &self.admitted(side.vocabulary)?)?, &met)
    }

    /// The number of a fact.
    pub(crate) fn place(&self, fact: &Fact) -> Option<usize> {
        self.facts.iter().position(|other| other == fact)
    }

    /// What holds of the rest when the fact has this value.
    pub(crate) fn with(&self, diagram: &Bdd, fact: usize, value: bool) -> Bdd {
        self.diagrams.with(diagram, fact, value)
    }

    /// The identity of `diagram` that differs least from the one the question starts from.
    pub(crate) fn nearest(&self, diagram: &Bdd) -> Option<Identity> {
        let costs: Vec<_> = (0..self.facts.len()).map(|fact| self.cost(fact)).collect();
        self.diagrams.cheapest(diagram, &costs).map(|solution| self.identity(&solution))
    }

    /// What it costs that a fact is false, and that it is true.
    fn cost(&self, fact: usize) -> (u128, u128) {
        let power = self.power.get(fact).copied().unwrap_or_default();
        let name = |held: bool| if held { (ONE + TAKEN, 0) } else { (0, ONE + power) };
        // Of classes and ages one is true at any time: what is left costs nothing.
        let one_of = |held: bool| if held { (0, 0) } else { (0, ONE + power) };
        match self.facts.get(fact) {
            Some(Fact::Role(role)) => name(self.held.roles.contains(role)),
            Some(Fact::Scope(scope)) => name(self.held.scopes.contains(scope)),
            Some(Fact::Mfa) => name(self.held.mfa),
            Some(Fact::Bound) => name(self.held.bound),
            Some(Fact::Acr(class)) => one_of(*class == self.held.acr),
            Some(Fact::Age(age)) => one_of(*age == self.interval(self.held.age)),
            None => (0, 0),
        }
    }

    /// The interval that an age lies in.
    fn interval(&self, age: Option<u64>) -> Option<u64> {
        let asked = self.facts.iter().filter_map(|fact| match fact {
            Fact::Age(Some(limit)) => Some(*limit),
            _ => None,
        });
        asked.filter(|limit| age.is_some_and(|age| age <= *limit)).min()
    }

    fn identity(&self, solution: &[bool]) -> Identity {
        let mut identity = self.held.clone();
        for (fact, value) in self.facts.iter().zip(solution) {
            match fact {
                Fact::Role(role) => put(&mut identity.roles, role, *value),
                Fact::Scope(scope) => put(&mut identity.scopes, scope, *value),
                Fact::Mfa => identity.mfa = *value,
                Fact::Bound => identity.bound = *value,
                Fact::Acr(class) if *value => identity.acr.clone_from(class),
                Fact::Age(age) if *value && *age != self.interval(self.held.age) => {
                    identity.age = *age;
                }
                Fact::Acr(_) | Fact::Age(_) => {}
            }
        }
        identity
    }

    /// One class and one age at a time.
    fn possible(&self) -> Diagram {
        let classes = self.places(|fact| matches!(fact, Fact::Acr(_)));
        let ages = self.places(|fact| matches!(fact, Fact::Age(_)));
        let mut possible = self.diagrams.constant(true);
        for group in [classes, ages] {
            if !group.is_empty() {
                possible = and(&possible, &self.diagrams.one_of(group))?;
            }
        }
        Ok(possible)
    }

    /// No two roles that exclude each other.
    fn admitted(&self, vocabulary: &Vocabulary) -> Diagram {
        let mut admitted = self.diagrams.constant(true);
        for (left, right) in &vocabulary.exclusions {
            let left = self.leaf(vocabulary, Leaf::Role(vocabulary.roles.name(*left)));
            let right = self.leaf(vocabulary, Leaf::Role(vocabulary.roles.name(*right)));
            admitted = and_not(&admitted, &and(&left, &right)?)?;
        }
        Ok(admitted)
    }

    /// Who has what is asked for at one end of a requirement.
    fn leaf(&self, vocabulary: &Vocabulary, leaf: Leaf<'_>) -> Bdd {
        self.any(|fact| match (fact, leaf) {
            (Fact::Role(held), Leaf::Role(name)) => vocabulary.roles.includes(held, name),
            (Fact::Scope(held), Leaf::Scope(name)) => vocabulary.scopes.includes(held, name),
            (Fact::Mfa, Leaf::Mfa) | (Fact::Bound, Leaf::Bound) => true,
            (Fact::Acr(Some(held)), Leaf::Acr(class)) => held == class,
            (Fact::Age(Some(age)), Leaf::Age(limit)) => *age <= limit,
            _ => false,
        })
    }

    fn any(&self, holds: impl Fn(&Fact) -> bool) -> Bdd {
        self.diagrams.any_of(self.places(holds))
    }

    fn places(&self, holds: impl Fn(&Fact) -> bool) -> Vec<usize> {
        let facts = self.facts.iter().enumerate();
        facts.filter(|(_, fact)| holds(fact)).map(|(place, _)| place).collect()
    }
}

fn put(names: &mut BTreeSet<String>, name: &str, value: bool) {
    if value {
        names.insert(name.to_owned());
    } else {
        names.remove(name);
    }
}

/// A fact with its place in the order and how much it gives.
type Placed = (usize, u128, Fact);

fn role_facts(sides: &[Side<'_>], leaves: &Leaves<'_>, held: &Identity) -> Vec<Placed> {
    let mut asked: Vec<_> = leaves.roles().collect();
    // Roles that exclude each other are seen by whoever reads tokens, asked for or not. Under one
    // policy, a role that nothing asks for can only make an identity impossible, and is left out.
    let behind = leaves.order.len();
    let same = sides.windows(2).all(|pair| match pair {
        [left, right] => std::ptr::eq(left.vocabulary, right.vocabulary),
        _ => true,
    });
    for side in sides {
        for index in side.vocabulary.exclusions.iter().flat_map(|(left, right)| [*left, *right]) {
            asked.push((behind, side.vocabulary.roles.name(index)));
        }
    }
    let hierarchies: Vec<_> = sides.iter().map(|side| &side.vocabulary.roles).collect();
    let mut facts = names(&hierarchies, &asked, &held.roles);
    if same {
        facts.retain(|(place, _, name)| *place < behind || held.roles.contains(name));
    }
    facts.into_iter().map(|(place, power, name)| (place, power, Fact::Role(name))).collect()
}

fn scope_facts(sides: &[Side<'_>], leaves: &Leaves<'_>, held: &Identity) -> Vec<Placed> {
    let asked: Vec<_> = leaves.scopes().collect();
    let hierarchies: Vec<_> = sides.iter().map(|side| &side.vocabulary.scopes).collect();
    let facts = names(&hierarchies, &asked, &held.scopes);
    facts.into_iter().map(|(place, power, name)| (place, power, Fact::Scope(name))).collect()
}

/// The questions that a name answers: which one, and under which of the hierarchies.
type Answers = Vec<(usize, usize)>;

/// The names that some question sees: those held, and of those that every question sees alike the
/// one that includes least.
fn names(
    hierarchies: &[&Hierarchy],
    asked: &[(usize, &str)],
    held: &BTreeSet<String>,
) -> Vec<(usize, u128, String)> {
    // For each name, which of the questions it answers, under which hierarchy.
    let mut answers: HashMap<&str, (usize, Answers)> = HashMap::new();
    for (question, (place, name)) in asked.iter().enumerate() {
        for (version, hierarchy) in hierarchies.iter().enumerate() {
            for holder in hierarchy.holders(name) {
                let answer = answers.entry(holder).or_insert_with(|| (*place, Vec::new()));
                answer.0 = answer.0.min(*place);
                answer.1.push((question, version));
            }
        }
    }
    let power = |name: &str| {
        let weight: usize = hierarchies.iter().map(|hierarchy| hierarchy.weight(name)).sum();
        weight as u128
    };
    let mut kept = Vec::new();
    let mut weakest: HashMap<Answers, (u128, &str, usize)> = HashMap::new();
    for (name, (place, answered)) in answers {
        if held.contains(name) {
            kept.push((place, power(name), name.to_owned()));
            continue;
        }
        let candidate = (power(name), name, place);
        let best = weakest.entry(answered).or_insert(candidate);
        *best = candidate.min(*best);
    }
    kept.extend(weakest.into_values().map(|(power, name, place)| (place, power, name.to_owned())));
    kept.sort();
    kept
}

fn class_facts(leaves: &Leaves<'_>, held: &Identity) -> Vec<Placed> {
    let mut classes: Vec<_> =
        leaves.classes().map(|(place, class)| (place, Some(class.to_owned()))).collect();
    let Some(first) = classes.first().map(|(place, _)| *place) else { return Vec::new() };
    classes.push((first, None));
    if held.acr.is_some() && !classes.iter().any(|(_, class)| *class == held.acr) {
        classes.push((first, held.acr.clone()));
    }
    let cost = |class: &Option<String>| u128::from(class.is_some());
    classes.into_iter().map(|(place, class)| (place, cost(&class), Fact::Acr(class))).collect()
}

fn age_facts(leaves: &Leaves<'_>) -> Vec<Placed> {
    let mut ages: Vec<_> = leaves.ages().collect();
    // The older a log-in may be, the less is asked.
    ages.sort_by_key(|(_, age)| std::cmp::Reverse(*age));
    let Some(first) = ages.iter().map(|(place, _)| *place).min() else { return Vec::new() };
    let mut facts = vec![(first, 0, Fact::Age(None))];
    for (power, (place, age)) in ages.into_iter().enumerate() {
        facts.push((place, power as u128 + 1, Fact::Age(Some(age))));
    }
    facts
}
