//! The weakest callers that meet a requirement: of whom none who holds less meets it.
//!
//! Every way through the alternatives of a requirement is one caller, who holds what is asked for on
//! that way and nothing else; callers who hold what another suffices with are left out. `cargo authz`
//! finds the same by other means, and a test compares both.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{Name, Policy, Requirement};

/// How many ways are looked at: a longer list tells nobody anything.
const LIMIT: usize = 64;

/// What one caller holds, and what must not hold for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Caller<'a> {
    roles: BTreeSet<&'a str>,
    scopes: BTreeSet<&'a str>,
    mfa: bool,
    bound: bool,
    acr: Option<&'a str>,
    /// Seconds since the log-in, at most.
    age: Option<u64>,
    without: Vec<&'a Requirement>,
}

impl Caller<'_> {
    /// Scopes by their name, then roles as `role:name`.
    pub(super) fn names(&self) -> Vec<String> {
        let scopes = self.scopes.iter().map(|scope| (*scope).to_owned());
        scopes.chain(self.roles.iter().map(|role| format!("role:{role}"))).collect()
    }
}

/// The callers of whom no weaker one passes; `None` where there are too many ways to pass.
pub(super) fn weakest<'a>(
    requirement: &'a Requirement,
    policy: &'a Policy,
) -> Option<Vec<Caller<'a>>> {
    let hierarchies =
        Hierarchies { roles: Closure::of(&policy.roles), scopes: Closure::of(&policy.scopes) };
    let mut callers = callers(requirement, true)?;
    callers.retain(|caller| hierarchies.can_be(caller, &policy.roles));
    for caller in &mut callers {
        hierarchies.roles.keep_highest(&mut caller.roles);
        hierarchies.scopes.keep_highest(&mut caller.scopes);
    }
    let weakest = callers.iter().enumerate().filter(|(position, caller)| {
        !callers.iter().enumerate().any(|(other, weaker)| {
            let equal = hierarchies.holds_all_of(weaker, caller);
            other != *position
                && hierarchies.holds_all_of(caller, weaker)
                && (!equal || other < *position)
        })
    });
    Some(weakest.map(|(_, caller)| caller.clone()).collect())
}

/// One caller for each way to meet the requirement, or to fail it.
fn callers(requirement: &Requirement, wanted: bool) -> Option<Vec<Caller<'_>>> {
    let mut caller = Caller::default();
    match requirement {
        Requirement::All(parts) if wanted => return every(parts, wanted),
        Requirement::Any(parts) if !wanted => return every(parts, wanted),
        Requirement::All(parts) | Requirement::Any(parts) => return some(parts, wanted),
        Requirement::Not(part) => return callers(part, !wanted),
        Requirement::Rule { requires, .. } => return callers(requires, wanted),
        Requirement::Anyone | Requirement::Authenticated if !wanted => return Some(Vec::new()),
        Requirement::Anyone | Requirement::Authenticated => {}
        leaf if !wanted => caller.without.push(leaf),
        Requirement::Role(name) => _ = caller.roles.insert(name),
        Requirement::Scope(name) => _ = caller.scopes.insert(name),
        Requirement::Mfa => caller.mfa = true,
        Requirement::Bound => caller.bound = true,
        Requirement::Acr(class) => caller.acr = Some(class),
        Requirement::MaxAge(seconds) => caller.age = Some(*seconds),
    }
    Some(vec![caller])
}

fn some(parts: &[Requirement], wanted: bool) -> Option<Vec<Caller<'_>>> {
    let mut all = Vec::new();
    for part in parts {
        all.extend(callers(part, wanted)?);
    }
    (all.len() <= LIMIT).then_some(all)
}

fn every(parts: &[Requirement], wanted: bool) -> Option<Vec<Caller<'_>>> {
    let mut all = vec![Caller::default()];
    for part in parts {
        let those = callers(part, wanted)?;
        let pairs = all.iter().flat_map(|one| those.iter().map(move |other| (one, other)));
        all = pairs.filter_map(|(one, other)| both(one, other)).collect();
        if all.len() > LIMIT {
            return None;
        }
    }
    Some(all)
}

/// A caller who is both; nobody has two classes.
fn both<'a>(one: &Caller<'a>, other: &Caller<'a>) -> Option<Caller<'a>> {
    if one.acr.zip(other.acr).is_some_and(|(one, other)| one != other) {
        return None;
    }
    Some(Caller {
        roles: one.roles.union(&other.roles).copied().collect(),
        scopes: one.scopes.union(&other.scopes).copied().collect(),
        mfa: one.mfa || other.mfa,
        bound: one.bound || other.bound,
        acr: one.acr.or(other.acr),
        age: one.age.into_iter().chain(other.age).min(),
        without: [&*one.without, &*other.without].concat(),
    })
}

struct Hierarchies<'a> {
    roles: Closure<'a>,
    scopes: Closure<'a>,
}

impl Hierarchies<'_> {
    /// Whether there can be such a caller: without what must not hold, and without two roles that
    /// exclude each other.
    fn can_be(&self, caller: &Caller<'_>, roles: &[Name]) -> bool {
        let role = |name: &str| self.roles.brings(&caller.roles, name);
        let exclusive =
            |name: &Name| role(&name.name) && name.excludes.iter().any(|other| role(other));
        let holds = |leaf: &Requirement| match leaf {
            Requirement::Role(name) => role(name),
            Requirement::Scope(name) => self.scopes.brings(&caller.scopes, name),
            Requirement::Mfa => caller.mfa,
            Requirement::Bound => caller.bound,
            Requirement::Acr(class) => caller.acr == Some(class),
            Requirement::MaxAge(limit) => caller.age.is_some_and(|age| age <= *limit),
            _ => false,
        };
        !caller.without.iter().any(|leaf| holds(leaf)) && !roles.iter().any(exclusive)
    }

    /// Whether one caller holds all that another one holds.
    fn holds_all_of(&self, caller: &Caller<'_>, weaker: &Caller<'_>) -> bool {
        weaker.roles.iter().all(|role| self.roles.brings(&caller.roles, role))
            && weaker.scopes.iter().all(|scope| self.scopes.brings(&caller.scopes, scope))
            && (caller.mfa || !weaker.mfa)
            && (caller.bound || !weaker.bound)
            && (weaker.acr.is_none() || weaker.acr == caller.acr)
            && weaker.age.is_none_or(|limit| caller.age.is_some_and(|age| age <= limit))
    }
}

/// For each name, what it includes, itself among it.
struct Closure<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Closure<'a> {
    fn of(names: &'a [Name]) -> Self {
        let included = |name: &'a str| {
            let mut found = BTreeSet::from([name]);
            let mut open = vec![name];
            while let Some(next) = open.pop() {
                let next = names.iter().filter(|known| known.name == next);
                for inner in next.flat_map(|name| &name.includes) {
                    if found.insert(inner) {
                        open.push(inner);
                    }
                }
            }
            found
        };
        Self(names.iter().map(|name| (&*name.name, included(&name.name))).collect())
    }

    fn includes(&self, name: &str, other: &str) -> bool {
        self.0.get(name).is_some_and(|included| included.contains(other))
    }

    /// Whether one of those who are held includes `name`.
    fn brings(&self, held: &BTreeSet<&str>, name: &str) -> bool {
        held.iter().any(|held| self.includes(held, name))
    }

    /// Leaves out what another of them includes.
    fn keep_highest(&self, names: &mut BTreeSet<&str>) {
        let all = names.clone();
        names.retain(|name| !all.iter().any(|other| other != name && self.includes(other, name)));
    }
}
