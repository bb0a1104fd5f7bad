//! Everybody there can be in a small world, and the framework's own evaluation of a requirement on
//! each: the judge of whether two requirements mean the same. It shares nothing with the matrix.

use authz_core::manifest;
use authz_core::testing::{Clock, identity};
use authz_core::{Name, Named, Requirement, Vocabulary};

use crate::policy::{Identity, Policy, Role, Scope};

/// Every age that a requirement here or a mutant of one asks for, and one beyond all.
const AGES: [u64; 17] =
    [15, 29, 30, 31, 60, 150, 299, 300, 301, 600, 1_800, 3_599, 3_600, 3_601, 7_200, 7_201, 90_000];

/// Everybody.
pub struct World(Vec<Identity>);

impl World {
    pub fn new() -> Self {
        let clock = Clock::at(1_800_000_000);
        let ages = || std::iter::once(None).chain(AGES.map(Some));
        let mut everybody = Vec::new();
        for roles in sets::<Role>() {
            // Nobody holds both.
            if roles.contains(&"guest") && roles.contains(&"auditor") {
                continue;
            }
            for scopes in sets::<Scope>() {
                for (mfa, bound) in [(false, false), (false, true), (true, false), (true, true)] {
                    for acr in [None, Some("gold"), Some("silver"), Some("other")] {
                        for age in ages() {
                            let mut who = identity().clock(&clock);
                            who = roles.iter().fold(who, |who, role| who.role(role));
                            who = scopes.iter().fold(who, |who, scope| who.scope(scope));
                            who = if mfa { who.mfa() } else { who };
                            who = if bound { who.bound() } else { who };
                            who = acr.iter().fold(who, |who, class| who.acr(class));
                            who = age.iter().fold(who, |who, age| who.aged(&format!("{age}s")));
                            everybody.push(who.build());
                        }
                    }
                }
            }
        }
        Self(everybody)
    }

    /// Whether the same callers pass.
    pub fn agrees(&self, left: &manifest::Requirement, right: &manifest::Requirement) -> bool {
        let (left, right) = (compiled(left), compiled(right));
        self.0.iter().all(|who| left.is_met_by(who) == right.is_met_by(who))
    }
}

/// Every set of names that somebody can hold: with each name, what it includes.
fn sets<V: Vocabulary>() -> Vec<Vec<&'static str>> {
    let of = |bits: usize| V::ALL.iter().copied().filter(move |name| bits >> name.index() & 1 == 1);
    let is_held = |bits: &usize| {
        let holds = |name: V| of(*bits).any(|held| held == name);
        of(*bits).all(|held| V::ALL.iter().all(|name| !held.includes(*name) || holds(*name)))
    };
    let sets = (0..1_usize << V::ALL.len()).filter(is_held);
    sets.map(|bits| of(bits).map(V::wire_name).collect()).collect()
}

/// The requirement as the framework evaluates it.
pub fn compiled(requirement: &manifest::Requirement) -> Requirement {
    let parts = |parts: &[manifest::Requirement]| -> &'static [Requirement] {
        Vec::leak(parts.iter().map(compiled).collect())
    };
    match requirement {
        manifest::Requirement::Anyone => Requirement::Anyone,
        manifest::Requirement::Authenticated => Requirement::Authenticated,
        manifest::Requirement::Role(name) => {
            Requirement::Role(Name::role::<Policy>(Role::from_wire_name(name).unwrap().index()))
        }
        manifest::Requirement::Scope(name) => {
            Requirement::Scope(Name::scope::<Policy>(Scope::from_wire_name(name).unwrap().index()))
        }
        manifest::Requirement::Mfa => Requirement::Mfa,
        manifest::Requirement::Bound => Requirement::Bound,
        manifest::Requirement::Acr(class) => Requirement::Acr(String::leak(class.clone())),
        manifest::Requirement::MaxAge(seconds) => Requirement::MaxAge(*seconds),
        manifest::Requirement::All(all) => Requirement::All(parts(all)),
        manifest::Requirement::Any(any) => Requirement::Any(parts(any)),
        manifest::Requirement::Not(part) => Requirement::Not(Box::leak(Box::new(compiled(part)))),
        manifest::Requirement::Rule { name, requires } => {
            let named = Named::new(
                authz_core::__private::MAKER,
                String::leak(name.clone()),
                compiled(requires),
            );
            Requirement::Rule(Box::leak(Box::new(named)))
        }
    }
}
