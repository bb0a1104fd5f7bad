//! The judgement against brute force: every identity there can be, over random vocabularies.

use super::{Because, LIMIT, Place, Verdict, judge_with};
use crate::requirement::{Name, Named, Requirement};
use crate::vocabulary::{Kind, Table};

const VOCABULARIES: usize = 2_000;
const REQUIREMENTS: usize = 50;

/// A linear congruential generator (Knuth's MMIX constants): the same cases in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

const CLASSES: [&str; 3] = ["bronze", "silver", "gold"];
const AGES: [u64; 3] = [60, 300, 3_600];

/// Names that include and exclude each other, as rows of booleans.
struct Names {
    includes: Vec<Vec<bool>>,
    excludes: Vec<(usize, usize)>,
}

impl Names {
    fn random(random: &mut Random, count: usize, exclusive: bool) -> Self {
        let mut includes = vec![vec![false; count]; count];
        for (name, row) in includes.iter_mut().enumerate() {
            row[name] = true;
            for included in row.iter_mut().skip(name + 1) {
                *included = random.one_in(3);
            }
        }
        for middle in 0..count {
            for from in 0..count {
                for to in 0..count {
                    includes[from][to] |= includes[from][middle] && includes[middle][to];
                }
            }
        }
        let mut excludes = Vec::new();
        for left in 0..count {
            for right in left + 1..count {
                let held = includes.iter().any(|row| row[left] && row[right]);
                if exclusive && !held && random.one_in(3) {
                    excludes.push((left, right));
                }
            }
        }
        Self { includes, excludes }
    }

    /// Every set of names that somebody can hold.
    fn holdings(&self) -> Vec<Vec<bool>> {
        let count = self.includes.len();
        let mut holdings: Vec<Vec<bool>> = (0..1_usize << count)
            .map(|given| {
                (0..count)
                    .map(|name| {
                        (0..count).any(|held| given >> held & 1 == 1 && self.includes[held][name])
                    })
                    .collect()
            })
            .collect();
        holdings.sort();
        holdings.dedup();
        holdings.retain(|held: &Vec<bool>| {
            !self.excludes.iter().any(|(left, right)| held[*left] && held[*right])
        });
        holdings
    }

    fn table(&self, kind: Kind) -> &'static Table {
        let count = self.includes.len();
        let names: Vec<&'static str> =
            (0..count).map(|name| &*Box::leak(format!("n{name}").into_boxed_str())).collect();
        let closure: Vec<u64> = self
            .includes
            .iter()
            .map(|row| row.iter().rev().fold(0, |word, held| word << 1 | u64::from(*held)))
            .collect();
        let number = |name: usize| u32::try_from(name).expect("few names");
        let excludes: Vec<(u32, u32)> =
            self.excludes.iter().map(|(left, right)| (number(*left), number(*right))).collect();
        Box::leak(Box::new(Table {
            kind,
            type_name: "Names",
            names: Box::leak(names.into_boxed_slice()),
            variants: &[],
            docs: &[],
            includes: &[],
            closure: Box::leak(closure.into_boxed_slice()),
            excludes: Box::leak(excludes.into_boxed_slice()),
            sorted: &[],
            record: &[],
        }))
    }
}

struct Identity {
    roles: Vec<bool>,
    scopes: Vec<bool>,
    mfa: bool,
    bound: bool,
    acr: Option<&'static str>,
    age: Option<u64>,
}

struct World {
    roles: &'static Table,
    scopes: &'static Table,
    identities: Vec<Identity>,
}

impl World {
    fn random(random: &mut Random) -> Self {
        let (role_count, scope_count) = (1 + random.below(4), 1 + random.below(3));
        let roles = Names::random(random, role_count, true);
        let scopes = Names::random(random, scope_count, false);
        let mut identities = Vec::new();
        for held_roles in roles.holdings() {
            for held_scopes in scopes.holdings() {
                for (mfa, bound) in [(false, false), (true, false), (false, true), (true, true)] {
                    for acr in [None, Some(CLASSES[0]), Some(CLASSES[1]), Some(CLASSES[2])] {
                        for age in [None, Some(30), Some(120), Some(600), Some(7_200)] {
                            let (roles, scopes) = (held_roles.clone(), held_scopes.clone());
                            identities.push(Identity { roles, scopes, mfa, bound, acr, age });
                        }
                    }
                }
            }
        }
        Self { roles: roles.table(Kind::Role), scopes: scopes.table(Kind::Scope), identities }
    }

    fn requirement(&self, random: &mut Random, depth: usize) -> Requirement {
        let name = |random: &mut Random, table: &'static Table| {
            Name::of(table, random.below(table.names.len()))
        };
        match random.below(if depth == 0 { 8 } else { 14 }) {
            0..3 => Requirement::Role(name(random, self.roles)),
            3..5 => Requirement::Scope(name(random, self.scopes)),
            5 if random.below(2) == 0 => Requirement::Bound,
            5 => Requirement::Mfa,
            6 => Requirement::Acr(CLASSES[random.below(CLASSES.len())]),
            7 => Requirement::MaxAge(AGES[random.below(AGES.len())]),
            8 => Requirement::All(self.list(random, depth - 1)),
            9 => {
                let inner = self.requirement(random, depth - 1);
                Requirement::Rule(Box::leak(Box::new(Named::new(
                    crate::seal::MAKER,
                    "rule",
                    inner,
                ))))
            }
            10..12 => Requirement::Any(self.list(random, depth - 1)),
            _ => Requirement::Not(Box::leak(Box::new(self.requirement(random, depth - 1)))),
        }
    }

    fn list(&self, random: &mut Random, depth: usize) -> &'static [Requirement] {
        let count = 1 + random.below(3);
        let parts: Vec<Requirement> = (0..count).map(|_| self.requirement(random, depth)).collect();
        Box::leak(parts.into_boxed_slice())
    }

    /// Who meets the requirement, by identity.
    fn who(&self, requirement: &Requirement) -> Vec<bool> {
        self.identities.iter().map(|identity| meets(identity, requirement)).collect()
    }
}

fn meets(identity: &Identity, requirement: &Requirement) -> bool {
    match requirement {
        Requirement::Anyone | Requirement::Authenticated => true,
        Requirement::Role(name) => identity.roles[name.index()],
        Requirement::Scope(name) => identity.scopes[name.index()],
        Requirement::Mfa => identity.mfa,
        Requirement::Bound => identity.bound,
        Requirement::Acr(class) => identity.acr == Some(class),
        Requirement::MaxAge(limit) => identity.age.is_some_and(|age| age <= *limit),
        Requirement::All(parts) => parts.iter().all(|part| meets(identity, part)),
        Requirement::Any(parts) => parts.iter().any(|part| meets(identity, part)),
        Requirement::Not(part) => !meets(identity, part),
        Requirement::Rule(rule) => meets(identity, rule.requirement()),
    }
}

/// The different names in the text of a requirement; written a second time, over text.
fn names_in(parts: &[Requirement]) -> usize {
    let mut found: Vec<String> = Vec::new();
    let mut open: Vec<&Requirement> = parts.iter().collect();
    while let Some(part) = open.pop() {
        match part {
            Requirement::All(inner) | Requirement::Any(inner) => open.extend(inner.iter()),
            Requirement::Not(inner) => open.push(inner),
            Requirement::Rule(rule) => open.push(rule.requirement()),
            Requirement::Anyone | Requirement::Authenticated => {}
            name => found.push(name.to_string()),
        }
    }
    found.sort();
    found.dedup();
    found.len()
}

fn and(left: &[bool], right: &[bool]) -> Vec<bool> {
    left.iter().zip(right).map(|(left, right)| *left && *right).collect()
}

fn none(who: &[bool]) -> bool {
    !who.contains(&true)
}

fn within(left: &[bool], right: &[bool]) -> bool {
    left.iter().zip(right).all(|(left, right)| !left || *right)
}

/// Everybody who meets the block and the parts that `kept` says.
fn all(block: &[bool], parts: &[Vec<bool>], kept: impl Fn(usize) -> bool) -> Vec<bool> {
    parts
        .iter()
        .enumerate()
        .filter(|(position, _)| kept(*position))
        .fold(block.to_vec(), |who, (_, part)| and(&who, part))
}

/// What the verdicts have to be, from the definition of each word.
fn confirm(place: Place, block: &[bool], parts: &[Vec<bool>], verdicts: &[Verdict]) {
    let fine = |position: usize| verdicts[position] == Verdict::Fine;
    if none(block) {
        assert!((0..parts.len()).all(fine), "the block's own contradiction is the block's");
        return;
    }
    if none(&all(block, parts, |_| true)) {
        let first = (0..parts.len())
            .find(|last| none(&all(block, parts, |position| position <= *last)))
            .expect("all of them leave nobody");
        for (position, verdict) in verdicts.iter().enumerate() {
            match verdict {
                Verdict::Fine => assert!(position != first || place == Place::Inside),
                Verdict::Nobody(because) => {
                    assert_eq!((position, place), (first, Place::Root));
                    confirm_contradiction(block, parts, first, *because);
                }
                other => panic!("{other:?} where nobody is let in"),
            }
        }
        return;
    }
    let whole = all(block, parts, |_| true);
    assert_eq!(all(block, parts, fine), whole, "without the idle parts more are let in");
    for (position, part) in parts.iter().enumerate() {
        match verdicts[position] {
            Verdict::Fine => assert_ne!(
                all(block, parts, |other| fine(other) && other != position),
                whole,
                "an idle part was not found"
            ),
            Verdict::Everybody => assert!(!part.contains(&false)),
            Verdict::Implied(Because::Block) => assert!(within(block, part)),
            Verdict::Implied(Because::Part(other)) => {
                // A part that stays, or one that only several others together make idle.
                assert!(matches!(
                    verdicts[other],
                    Verdict::Fine | Verdict::Implied(Because::Others)
                ));
                assert!(within(&parts[other], part));
            }
            Verdict::Implied(Because::Others) => {
                assert!(within(&all(block, parts, fine), part));
            }
            other => panic!("{other:?} where somebody is let in"),
        }
        if !part.contains(&false) {
            assert_eq!(verdicts[position], Verdict::Everybody);
        }
    }
}

fn confirm_contradiction(block: &[bool], parts: &[Vec<bool>], first: usize, because: Because) {
    let part = &parts[first];
    match because {
        Because::Alone => assert!(none(part)),
        Because::Part(other) => assert!(other < first && none(&and(part, &parts[other]))),
        Because::Block => assert!(none(&and(part, block))),
        Because::Others => {
            assert!(!none(part) && !none(&and(part, block)));
            assert!(parts[..first].iter().all(|other| !none(&and(part, other))));
        }
    }
}

/// How often each kind stands in the parts, and whether there is a rule, a `not` or an `all`.
fn kinds(parts: &[Requirement]) -> ([usize; 6], bool, bool) {
    let (mut counts, mut rules, mut groups) = ([0; 6], false, false);
    let mut open: Vec<&Requirement> = parts.iter().collect();
    while let Some(part) = open.pop() {
        match part {
            Requirement::Role(_) => counts[0] += 1,
            Requirement::Scope(_) => counts[1] += 1,
            Requirement::Mfa => counts[2] += 1,
            Requirement::Bound => counts[5] += 1,
            Requirement::Acr(_) => counts[3] += 1,
            Requirement::MaxAge(_) => counts[4] += 1,
            Requirement::Any(inner) => open.extend(inner.iter()),
            Requirement::All(inner) => {
                groups = true;
                open.extend(inner.iter());
            }
            Requirement::Not(inner) => {
                groups = true;
                open.push(inner);
            }
            Requirement::Rule(_) => rules = true,
            Requirement::Anyone | Requirement::Authenticated => {}
        }
    }
    (counts, rules, groups)
}

/// The attribute asks for no judgement where nothing can be found.
fn confirm_silence(block: &[Requirement], parts: &[Requirement], verdicts: &[Verdict]) {
    let (counts, rules, groups) = kinds(&[block, parts].concat());
    let independent = counts.iter().all(|count| *count < 2);
    let plain_alternatives = block.is_empty() && parts.len() == 1 && !groups;
    // The block's own idle parts are reported at the block.
    if !rules && (independent || plain_alternatives) {
        assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Fine));
    }
}

fn compare<const PARTS: usize>(world: &World, random: &mut Random, judged: &mut [usize; 4]) {
    let parts: [Requirement; PARTS] = std::array::from_fn(|_| world.requirement(random, 2));
    let block: &[Requirement] = if random.one_in(3) { world.list(random, 1) } else { &[] };
    let place = if random.one_in(4) { Place::Inside } else { Place::Root };
    let verdicts = judge_with(world.roles, world.scopes, place, block, &parts);
    let everything = [block, &parts].concat();
    if names_in(&everything) > LIMIT {
        assert_eq!(verdicts, [Verdict::Fine; PARTS], "beyond the limit nothing is said");
        return;
    }
    for verdict in &verdicts {
        judged[match verdict {
            Verdict::Fine => 0,
            Verdict::Nobody(_) => 1,
            Verdict::Everybody => 2,
            Verdict::Implied(_) => 3,
        }] += 1;
    }
    let who: Vec<Vec<bool>> = parts.iter().map(|part| world.who(part)).collect();
    let start = vec![true; world.identities.len()];
    let blocked = block.iter().fold(start, |who, part| and(&who, &world.who(part)));
    confirm(place, &blocked, &who, &verdicts);
    confirm_silence(block, &parts, &verdicts);
}

#[test]
fn a_hundred_thousand_requirements_are_judged_as_every_identity_says() {
    let counts = std::thread::scope(|scope| {
        let halves = [1, 2].map(|seed| {
            scope.spawn(move || {
                let mut random = Random(seed);
                let mut judged = [0; 4];
                for _ in 0..VOCABULARIES / 2 {
                    let world = World::random(&mut random);
                    for _ in 0..REQUIREMENTS {
                        match random.below(4) {
                            0 => compare::<1>(&world, &mut random, &mut judged),
                            1 => compare::<2>(&world, &mut random, &mut judged),
                            2 => compare::<3>(&world, &mut random, &mut judged),
                            _ => compare::<4>(&world, &mut random, &mut judged),
                        }
                    }
                }
                judged
            })
        });
        halves.map(|half| half.join().expect("no difference was found"))
    });
    let [fine, nobody, everybody, implied]: [usize; 4] =
        std::array::from_fn(|verdict| counts.iter().map(|judged| judged[verdict]).sum());
    // Each word was really spoken.
    assert!(fine > 50_000 && nobody > 5_000 && everybody > 1_000 && implied > 10_000);
}

#[test]
fn beyond_eight_names_nothing_is_said() {
    let names = Names { includes: vec![vec![false; 9]; 9], excludes: Vec::new() };
    let table = names.table(Kind::Role);
    let role = |index: usize| Requirement::Role(Name::of(table, index));
    let eight =
        Requirement::Any(Box::leak((0..8).map(role).collect::<Vec<_>>().into_boxed_slice()));
    let nine = Requirement::Any(Box::leak((0..9).map(role).collect::<Vec<_>>().into_boxed_slice()));
    let twice = |part: Requirement| judge_with(table, table, Place::Root, &[], &[part, part]);
    assert_eq!(twice(eight)[1], Verdict::Implied(Because::Part(0)));
    assert_eq!(twice(nine), [Verdict::Fine; 2]);
}

#[test]
fn an_unknown_name_is_left_to_its_own_message() {
    let table = Names { includes: vec![vec![true]], excludes: Vec::new() }.table(Kind::Role);
    let unknown = Requirement::Role(Name::of(table, usize::MAX));
    let verdicts = judge_with(table, table, Place::Root, &[], &[unknown, unknown]);
    assert_eq!(verdicts, [Verdict::Fine; 2]);
}
