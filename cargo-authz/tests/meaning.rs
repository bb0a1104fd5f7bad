//! What the decision procedure says of requirements is what an exhaustive look at every identity
//! of a small world says.
//!
//! The look is independent of the procedure: it evaluates a requirement on the set of all
//! identities at once, one bit for each, from a hierarchy closed by its own few lines.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]
#![expect(clippy::indexing_slicing, reason = "the places are those of the small world")]

use std::collections::BTreeSet;

use authz_manifest::{Name, Policy, Requirement};
use cargo_authz::identity::{Caller, Identity};
use cargo_authz::meaning::{
    Comparison, Edit, Passing, Side, Verdict, Vocabulary, compare, minimal, why, witness,
};

const ROLES: [&str; 4] = ["r0", "r1", "r2", "r3"];
const SCOPES: [&str; 3] = ["s0", "s1", "s2"];
const CLASSES: [Option<&str>; 4] = [None, Some("gold"), Some("silver"), Some("other")];
const AGES: [Option<u64>; 5] = [None, Some(0), Some(60), Some(300), Some(301)];
const ASKED_AGES: [u64; 3] = [0, 60, 300];

/// Every identity of the world.
const COUNT: usize = 16 * 8 * 2 * 4 * 5 * 2;

/// A number of bits, one for each identity.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Set([u64; COUNT / 64]);

impl Set {
    const NONE: Self = Self([0; COUNT / 64]);
    const ALL: Self = Self([u64::MAX; COUNT / 64]);

    fn of(holds: impl Fn(&Bits) -> bool) -> Self {
        let mut set = Self::NONE;
        for index in (0..COUNT).filter(|index| holds(&Bits::at(*index))) {
            set.0[index / 64] |= 1 << (index % 64);
        }
        set
    }

    fn zip(&self, other: &Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|word| with(self.0[word], other.0[word])))
    }

    fn contains(&self, index: usize) -> bool {
        self.0[index / 64] >> (index % 64) & 1 == 1
    }

    fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        (0..COUNT).filter(|index| self.contains(*index))
    }
}

/// One identity of the world.
#[derive(Clone, Copy, Debug)]
struct Bits {
    roles: u32,
    scopes: u32,
    mfa: bool,
    bound: bool,
    class: usize,
    age: usize,
}

impl Bits {
    fn at(index: usize) -> Self {
        let small = |number: usize| u32::try_from(number).unwrap();
        Self {
            roles: small(index % 16),
            scopes: small(index / 16 % 8),
            mfa: index / 128 % 2 == 1,
            class: index / 256 % 4,
            age: index / 1024 % AGES.len(),
            bound: index / 1024 / AGES.len() == 1,
        }
    }

    fn index(self) -> usize {
        self.roles as usize
            + 16 * self.scopes as usize
            + 128 * usize::from(self.mfa)
            + 256 * self.class
            + 1024 * (self.age + AGES.len() * usize::from(self.bound))
    }

    /// The identity of the world that these names and numbers describe.
    fn of(identity: &Identity) -> Self {
        let bits = |held: &BTreeSet<String>, names: &[&str]| {
            assert!(held.iter().all(|name| names.contains(&name.as_str())), "{held:?}");
            (0..names.len()).filter(|at| held.contains(names[*at])).map(|at| 1 << at).sum()
        };
        Self {
            roles: bits(&identity.roles, &ROLES),
            scopes: bits(&identity.scopes, &SCOPES),
            mfa: identity.mfa,
            bound: identity.bound,
            class: CLASSES.iter().position(|class| *class == identity.acr.as_deref()).unwrap(),
            age: AGES.iter().position(|age| *age == identity.age).unwrap(),
        }
    }

    fn identity(self) -> Identity {
        let held = |bits: u32, names: &[&str]| {
            let held = (0..names.len()).filter(|at| bits >> at & 1 == 1);
            held.map(|at| names[at].to_owned()).collect()
        };
        Identity {
            roles: held(self.roles, &ROLES),
            scopes: held(self.scopes, &SCOPES),
            mfa: self.mfa,
            bound: self.bound,
            acr: CLASSES[self.class].map(str::to_owned),
            age: AGES[self.age],
        }
    }

    /// How many things it holds.
    fn size(self) -> u32 {
        self.roles.count_ones()
            + self.scopes.count_ones()
            + u32::from(self.mfa)
            + u32::from(self.bound)
            + u32::from(self.class != 0)
            + u32::from(self.age != 0)
    }
}

/// A policy as this file sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct World {
    roles: [u32; 4],
    scopes: [u32; 3],
    exclusions: Vec<(usize, usize)>,
}

impl World {
    fn random(random: &mut Random) -> Self {
        // Only a later name is included, so that there is no cycle.
        let direct = |count: usize, random: &mut Random| -> Vec<u32> {
            (0..count)
                .map(|name| {
                    (name + 1..count).filter(|_| random.below(3) == 0).map(|other| 1 << other).sum()
                })
                .collect()
        };
        let roles = direct(4, random).try_into().unwrap();
        let scopes = direct(3, random).try_into().unwrap();
        let mut exclusions = Vec::new();
        while random.below(3) == 0 {
            let (left, right) = (random.below(4), random.below(4));
            if left != right {
                exclusions.push((left, right));
            }
        }
        Self { roles, scopes, exclusions }
    }

    fn closed(direct: &[u32], held: u32) -> u32 {
        let mut all = held;
        loop {
            let more: u32 = (0..direct.len())
                .filter(|name| all >> name & 1 == 1)
                .fold(all, |all, name| all | direct[name]);
            if more == all {
                return all;
            }
            all = more;
        }
    }

    fn vocabulary(&self) -> Vocabulary {
        let names = |names: &[&str], direct: &[u32]| -> Vec<Name> {
            let included = |bits: u32| {
                (0..names.len())
                    .filter(move |at| bits >> at & 1 == 1)
                    .map(|at| names[at].to_owned())
            };
            names
                .iter()
                .zip(direct)
                .map(|(name, bits)| Name {
                    name: (*name).to_owned(),
                    variant: String::new(),
                    doc: String::new(),
                    includes: included(*bits).collect(),
                    excludes: Vec::new(),
                    grants: Vec::new(),
                })
                .collect()
        };
        let mut policy = Policy {
            id: "world".to_owned(),
            roles: names(&ROLES, &self.roles),
            scopes: names(&SCOPES, &self.scopes),
        };
        for (left, right) in &self.exclusions {
            policy.roles[*left].excludes.push(ROLES[*right].to_owned());
        }
        Vocabulary::new(&policy)
    }

    /// What each end of a requirement lets pass, and which identities can be.
    fn sets(&self) -> Sets {
        let role =
            |name: usize| Set::of(|who| Self::closed(&self.roles, who.roles) >> name & 1 == 1);
        let scope =
            |name: usize| Set::of(|who| Self::closed(&self.scopes, who.scopes) >> name & 1 == 1);
        Sets {
            roles: std::array::from_fn(role),
            scopes: std::array::from_fn(scope),
            mfa: Set::of(|who| who.mfa),
            bound: Set::of(|who| who.bound),
            classes: std::array::from_fn(|class| Set::of(|who| who.class == class + 1)),
            ages: std::array::from_fn(|limit| {
                Set::of(|who| AGES[who.age].is_some_and(|age| age <= ASKED_AGES[limit]))
            }),
            possible: Set::of(|who| {
                let held = Self::closed(&self.roles, who.roles);
                !self.exclusions.iter().any(|(left, right)| held >> left & held >> right & 1 == 1)
            }),
        }
    }
}

struct Sets {
    roles: [Set; 4],
    scopes: [Set; 3],
    mfa: Set,
    bound: Set,
    classes: [Set; 2],
    ages: [Set; 3],
    possible: Set,
}

impl Sets {
    fn passing(&self, requirement: &Requirement) -> Set {
        self.meeting(requirement).zip(&self.possible, |left, right| left & right)
    }

    fn meeting(&self, requirement: &Requirement) -> Set {
        let at =
            |names: &[&str], name: &str| names.iter().position(|other| *other == name).unwrap();
        match requirement {
            Requirement::Anyone | Requirement::Authenticated => Set::ALL,
            Requirement::Role(name) => self.roles[at(&ROLES, name)].clone(),
            Requirement::Scope(name) => self.scopes[at(&SCOPES, name)].clone(),
            Requirement::Mfa => self.mfa.clone(),
            Requirement::Bound => self.bound.clone(),
            Requirement::Acr(class) => self.classes[at(&["gold", "silver"], class)].clone(),
            Requirement::MaxAge(limit) => {
                self.ages[ASKED_AGES.iter().position(|age| age == limit).unwrap()].clone()
            }
            Requirement::All(parts) => parts.iter().fold(Set::ALL, |all, part| {
                all.zip(&self.meeting(part), |left, right| left & right)
            }),
            Requirement::Any(parts) => parts.iter().fold(Set::NONE, |any, part| {
                any.zip(&self.meeting(part), |left, right| left | right)
            }),
            Requirement::Not(part) => self.meeting(part).zip(&Set::ALL, |part, all| all & !part),
            Requirement::Rule { requires, .. } => self.meeting(requires),
        }
    }
}

/// Numbers that are the same in each run: xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % limit
    }

    fn requirement(&mut self, depth: usize) -> Requirement {
        let kinds = if depth == 0 { 6 } else { 11 };
        match self.below(kinds) {
            0 | 1 => Requirement::Role(ROLES[self.below(4)].to_owned()),
            2 => Requirement::Scope(SCOPES[self.below(3)].to_owned()),
            3 if self.below(2) == 0 => Requirement::Bound,
            3 => Requirement::Mfa,
            4 => Requirement::Acr(CLASSES[1 + self.below(2)].unwrap().to_owned()),
            5 => Requirement::MaxAge(ASKED_AGES[self.below(3)]),
            6 => Requirement::Not(Box::new(self.requirement(depth - 1))),
            7 => Requirement::Any(self.parts(depth)),
            8 => Requirement::Rule {
                name: "Rule".to_owned(),
                requires: Box::new(self.requirement(depth - 1)),
            },
            _ => Requirement::All(self.parts(depth)),
        }
    }

    fn parts(&mut self, depth: usize) -> Vec<Requirement> {
        (0..=self.below(3)).map(|_| self.requirement(depth - 1)).collect()
    }

    /// The requirement with one end of it exchanged.
    fn mutated(&mut self, requirement: &Requirement) -> Requirement {
        match requirement {
            Requirement::All(parts) => Requirement::All(self.mutated_part(parts)),
            Requirement::Any(parts) => Requirement::Any(self.mutated_part(parts)),
            Requirement::Not(part) => Requirement::Not(Box::new(self.mutated(part))),
            Requirement::Rule { requires, .. } => self.mutated(requires),
            _ => self.requirement(0),
        }
    }

    fn mutated_part(&mut self, parts: &[Requirement]) -> Vec<Requirement> {
        let mut parts = parts.to_vec();
        let at = self.below(parts.len());
        parts[at] = self.mutated(&parts[at]);
        parts
    }
}

/// A vocabulary and what this file knows of it.
struct Known {
    vocabulary: Vocabulary,
    sets: Sets,
    world: World,
}

impl Known {
    fn random(random: &mut Random) -> Self {
        let world = World::random(random);
        Self { vocabulary: world.vocabulary(), sets: world.sets(), world }
    }

    fn side<'a>(&'a self, requirement: &'a Requirement) -> Side<'a> {
        Side { vocabulary: &self.vocabulary, public: false, requirement }
    }
}

/// Every identity, from the one that holds least on.
fn by_size() -> Vec<usize> {
    let mut all: Vec<_> = (0..COUNT).collect();
    all.sort_by_key(|index| Bits::at(*index).size());
    all
}

/// Checks a witness against everybody that it could have been.
fn check_witness(by_size: &[usize], expected: &Set, found: Option<&Caller>) {
    let Some(Caller::Somebody(found)) = found else {
        assert!(expected.is_empty() && found.is_none(), "{found:?}");
        return;
    };
    let found = Bits::of(found);
    assert!(expected.contains(found.index()), "{found:?} is no witness");
    let least = by_size.iter().find(|index| expected.contains(**index)).unwrap();
    assert_eq!(found.size(), Bits::at(*least).size(), "{found:?} is not the smallest witness");
}

fn check(seed: u64, pairs: usize) -> [usize; 4] {
    let mut random = Random(seed);
    let by_size = by_size();
    let mut verdicts = [0; 4];
    for round in 0..pairs / 50 {
        let before = Known::random(&mut random);
        let other = Known::random(&mut random);
        // Half of the time the policy stays, and only requirements change.
        let now = if round % 2 == 0 { &before } else { &other };
        for _ in 0..50 {
            let old = random.requirement(3);
            let new =
                if random.below(2) == 0 { random.mutated(&old) } else { random.requirement(3) };
            let (then, after) = (before.sets.passing(&old), now.sets.passing(&new));
            let gained = after.zip(&then, |after, then| after & !then);
            let lost = after.zip(&then, |after, then| then & !after);
            let expected = match (gained.is_empty(), lost.is_empty()) {
                (true, true) => Verdict::Same,
                (true, false) => Verdict::Narrowed,
                (false, true) => Verdict::Widened,
                (false, false) => Verdict::Both,
            };
            let found = compare(before.side(&old), now.side(&new)).unwrap();
            assert_eq!(found.verdict(), expected, "{old:?}\n{new:?}\n{:?}", before.world);
            check_witness(&by_size, &gained, found.newly_allowed.as_ref());
            check_witness(&by_size, &lost, found.newly_denied.as_ref());
            verdicts[expected as usize] += 1;
        }
    }
    verdicts
}

#[test]
fn the_verdict_on_a_hundred_thousand_pairs_is_that_of_looking_at_everybody() {
    let verdicts = std::thread::scope(|scope| {
        let halves = [scope.spawn(|| check(1, 50_000)), scope.spawn(|| check(2, 50_000))];
        halves.map(|half| half.join().unwrap())
    });
    let counts: [usize; 4] = std::array::from_fn(|at| verdicts[0][at] + verdicts[1][at]);
    assert_eq!(counts.iter().sum::<usize>(), 100_000);
    // Each verdict is really seen, not one of them all the time.
    assert!(counts.iter().all(|count| *count > 2_000), "{counts:?}");
}

/// Whether the first holds no more than the second, with all that is included.
fn weaker(known: &Known, first: Bits, second: Bits) -> bool {
    let within = |direct: &[u32], first: u32, second: u32| {
        World::closed(direct, first) & !World::closed(direct, second) == 0
    };
    let age = |who: Bits| AGES[who.age].map_or(0, |age| 1_000 - age);
    within(&known.world.roles, first.roles, second.roles)
        && within(&known.world.scopes, first.scopes, second.scopes)
        && first.mfa <= second.mfa
        && first.bound <= second.bound
        && (first.class == 0 || first.class == second.class)
        && age(first) <= age(second)
}

#[test]
fn the_minimal_identities_are_those_that_looking_at_everybody_finds() {
    let mut random = Random(3);
    for _ in 0..300 {
        let known = Known::random(&mut random);
        let requirement = random.requirement(3);
        let passing: Vec<_> = known.sets.passing(&requirement).iter().map(Bits::at).collect();
        let Passing { listed, count } = minimal(known.side(&requirement)).unwrap();
        assert_eq!(listed.len() as u64, count);
        let bits = |caller: Caller| match caller {
            Caller::Somebody(identity) => Bits::of(&identity),
            Caller::Nobody => panic!("nobody passes {requirement:?}"),
        };
        // One is enough to say that somebody passes, and it holds no more than it needs.
        let witness = witness(known.side(&requirement)).unwrap();
        assert_eq!(witness.is_some(), count > 0, "{requirement:?}");
        if let Some(witness) = witness.map(bits) {
            let below = |other: &&Bits| weaker(&known, **other, witness);
            assert!(passing.iter().any(|other| other.index() == witness.index()));
            assert!(passing.iter().filter(below).all(|other| weaker(&known, witness, *other)));
        }
        let found: Vec<_> = listed
            .into_iter()
            .map(|caller| {
                let Caller::Somebody(identity) = caller else { return None };
                Some(Bits::of(&identity))
            })
            .map(Option::unwrap)
            .collect();
        for who in &found {
            assert!(passing.iter().any(|other| other.index() == who.index()));
            // Nobody who passes is weaker, but those who hold the same under other names.
            let below = |other: &&Bits| weaker(&known, **other, *who);
            assert!(passing.iter().filter(below).all(|other| weaker(&known, *who, *other)));
        }
        // Whoever passes is at least as strong as somebody found, and of those found none is.
        for who in &passing {
            assert!(found.iter().any(|least| weaker(&known, *least, *who)), "{requirement:?}");
        }
        for who in &found {
            assert_eq!(found.iter().filter(|other| weaker(&known, **other, *who)).count(), 1);
        }
    }
}

/// How many changes lead from one identity to the other.
fn distance(first: Bits, second: Bits) -> u32 {
    (first.roles ^ second.roles).count_ones()
        + (first.scopes ^ second.scopes).count_ones()
        + u32::from(first.mfa != second.mfa)
        + u32::from(first.bound != second.bound)
        + u32::from(first.class != second.class)
        + u32::from(first.age != second.age)
}

#[test]
fn the_smallest_change_flips_the_decision_and_no_part_of_it_does() {
    let mut random = Random(6);
    let mut seen = [0; 3];
    for round in 0..600 {
        let known = Known::random(&mut random);
        let requirement = random.requirement(3);
        let passing = known.sets.passing(&requirement);
        for _ in 0..5 {
            let who = Bits::at(random.below(COUNT));
            let identity = who.identity();
            let Some(edits) = why(known.side(&requirement), &identity).unwrap() else {
                assert!(passing.is_empty(), "{requirement:?}");
                seen[0] += 1;
                continue;
            };
            let passes = |edits: &[&Edit]| {
                let mut changed = identity.clone();
                for edit in edits {
                    edit.apply(&mut changed);
                }
                passing.contains(Bits::of(&changed).index())
            };
            for parts in 0..1_u32 << edits.len() {
                let chosen: Vec<_> = edits
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| parts >> at & 1 == 1)
                    .map(|(_, edit)| edit)
                    .collect();
                assert_eq!(passes(&chosen), chosen.len() == edits.len(), "{identity} {edits:?}");
            }
            // Comparing with everybody is slow, so it is done now and then.
            if round % 10 == 0 {
                let nearest = passing.iter().map(|index| distance(who, Bits::at(index))).min();
                assert_eq!(u32::try_from(edits.len()).unwrap(), nearest.unwrap(), "{identity}");
            }
            seen[1 + usize::from(!edits.is_empty())] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
}

#[test]
fn what_the_reference_evaluation_says_is_what_looking_at_everybody_says() {
    let mut random = Random(4);
    for _ in 0..20 {
        let known = Known::random(&mut random);
        let requirement = random.requirement(3);
        let passing = known.sets.passing(&requirement);
        for index in 0..COUNT {
            let who = Bits::at(index);
            let caller = Caller::Somebody(who.identity());
            let found = known.vocabulary.permits("requires", &requirement, &caller);
            assert_eq!(found, passing.contains(index), "{caller:?} {requirement:?}");
        }
        assert!(!known.vocabulary.permits("requires", &requirement, &Caller::Nobody));
        assert!(known.vocabulary.permits("public", &requirement, &Caller::Nobody));
    }
}

#[test]
fn a_public_function_lets_pass_whoever_comes() {
    let known = Known::random(&mut Random(5));
    let anyone = Requirement::Anyone;
    let authenticated = Requirement::Authenticated;
    let public = Side { public: true, ..known.side(&anyone) };
    let closed = known.side(&authenticated);
    let nobody = Some(Caller::Nobody);
    assert_eq!(compare(public, public).unwrap(), Comparison::default());
    assert_eq!(
        compare(closed, public).unwrap(),
        Comparison { newly_allowed: nobody.clone(), ..Comparison::default() }
    );
    assert_eq!(
        compare(public, closed).unwrap(),
        Comparison { newly_denied: nobody, ..Comparison::default() }
    );
    assert_eq!(minimal(public).unwrap().listed, [Caller::Nobody]);
    assert_eq!(minimal(closed).unwrap().listed, [Caller::Somebody(Identity::default())]);
}
