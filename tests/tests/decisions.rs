//! What a function decides is what its requirement says: the compiled check, the reference
//! evaluation, and an evaluator of this file's own over names alone agree on every identity.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use authz_core::manifest::{Function, Requirement};
use authz_core::testing::{Clock, identity};
use authz_core::{Guard, Guarded, registry, requires};
use authz_tests::policy::{self, Identity};
use proptest::prelude::*;

const NOW: u64 = 1_800_000_000;

const ROLES: [&str; 4] = ["admin", "manager", "clerk", "auditor"];
const SCOPES: [&str; 2] = ["read:orders", "write:orders"];
const CLASSES: [&str; 4] = ["gold", "silver", "Gold", ""];

/// What includes what directly, said once more and without the derives.
const INCLUDES: [(&str, &str); 4] = [
    ("admin", "manager"),
    ("manager", "clerk"),
    ("manager", "auditor"),
    ("write:orders", "read:orders"),
];

/// Around every age that a function below asks for; before zero lies the future.
const AGES: [i64; 12] = [-3_600, -1, 0, 29, 30, 31, 299, 300, 301, 3_599, 3_600, 3_601];

/// One guarded function as this file sees it.
struct Checked {
    permits: fn(&Identity) -> bool,
    record: &'static registry::Function,
    claim: Requirement,
}

impl Checked {
    fn of<F: Guarded<Policy = policy::Policy>>(_: fn(Guard<F>)) -> Self {
        let claim = F::FUNCTION.requirement().into();
        Self { permits: F::permits, record: F::FUNCTION, claim }
    }
}

macro_rules! functions {
    ($($name:ident($($requirement:tt)+);)+) => {
        $(
            #[requires($($requirement)+)]
            fn $name() {}
        )+

        fn functions() -> Vec<Checked> {
            vec![$(Checked::of::<$name>($name)),+]
        }
    };
}

authz_core::rule!(Strong = any(all(mfa, max_age = "5m"), acr = "gold"));
authz_core::rule!(StrongClerk = all(role = policy::Role::Clerk, rule = Strong));

functions! {
    by_rule(rule = Strong);
    by_rule_of_rules(rule = StrongClerk, scope = "read:orders");
    but_not_rule(role = "auditor", not(rule = self::Strong));
    rule_or_key(any(rule = StrongClerk, role = "admin"));
    anybody(authenticated);
    role_admin(role = "admin");
    role_manager(role = "manager");
    role_clerk(role = "clerk");
    role_auditor(role = policy::Role::Auditor);
    scope_read(scope = "read:orders");
    scope_write(scope = policy::Scope::WriteOrders);
    factor(mfa);
    sender(bound);
    class_gold(acr = "gold");
    class_silver(acr = "silver");
    age_seconds(max_age = "30s");
    age_minutes(max_age = "5m");
    age_hours(max_age = "1h");
    two_keys(role = "clerk", scope = "write:orders");
    two_roles(role = "clerk", role = "auditor");
    two_scopes(scope = "read:orders", any(scope = "write:orders", mfa));
    log_in(mfa, acr = "gold", max_age = "5m");
    everything(role = "manager", scope = "write:orders", mfa, acr = "gold", max_age = "30s");
    any_role(any(role = "clerk", role = "auditor"));
    any_scope(any(scope = "read:orders", scope = "write:orders"));
    any_class(any(acr = "gold", acr = "silver"));
    any_kind(any(role = "admin", scope = "write:orders", mfa, acr = "gold", max_age = "30s"));
    all_of_two(all(role = "clerk", mfa));
    all_of_one(all(role = "clerk"));
    any_of_one(any(scope = "read:orders"));
    any_then_key(any(role = "clerk", mfa), scope = "read:orders");
    key_then_any(scope = "read:orders", any(role = "clerk", mfa));
    any_before_two(any(mfa, acr = "gold"), role = "auditor", max_age = "1h");
    any_of_alls(any(all(role = "clerk", mfa), all(role = "auditor", max_age = "5m")));
    all_of_anys(all(any(role = "clerk", mfa), any(role = "auditor", max_age = "5m")));
    any_beside_all(any(role = "admin", all(role = "clerk", scope = "write:orders"), mfa));
    not_role(not(role = "admin"));
    not_scope(not(scope = "write:orders"));
    not_factor(not(mfa));
    not_sender(not(bound));
    sender_or_key(any(all(bound, role = "clerk"), role = "admin"), scope = "read:orders");
    not_class(not(acr = "gold"));
    not_age(not(max_age = "5m"));
    twice_not(not(not(role = "clerk")));
    not_any(not(any(role = "manager", mfa)));
    not_all(not(all(role = "auditor", acr = "silver")));
    but_not(role = "clerk", not(role = "manager"));
    but_not_first(not(role = "manager"), role = "clerk");
    not_inside_any(any(not(mfa), role = "admin"), scope = "read:orders");
    not_any_of_not(not(any(not(role = "clerk"), scope = "write:orders")));
    not_all_then_any(not(all(mfa, max_age = "1h")), any(role = "auditor", acr = "gold"));
    deep(any(all(any(role = "manager", not(all(mfa, scope = "read:orders"))), max_age = "5m"),
        all(acr = "silver", not(any(role = "clerk", scope = "write:orders")))));
    chain(any(all(not(any(all(not(any(role = "clerk", mfa)), scope = "read:orders"),
        acr = "gold")), max_age = "1h"), role = "admin"));
}

/// Somebody, as names and numbers alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Somebody {
    roles: BTreeSet<&'static str>,
    scopes: BTreeSet<&'static str>,
    mfa: bool,
    bound: bool,
    acr: Option<&'static str>,
    age: Option<i64>,
}

impl Somebody {
    fn identity(&self) -> Identity {
        let now = i64::try_from(NOW).unwrap();
        let clock = Clock::at(NOW);
        let mut builder = identity().clock(&clock);
        for role in &self.roles {
            builder = builder.role(role);
        }
        for scope in &self.scopes {
            builder = builder.scope(scope);
        }
        if self.mfa {
            builder = builder.mfa();
        }
        if self.bound {
            builder = builder.bound();
        }
        if let Some(class) = self.acr {
            builder = builder.acr(class);
        }
        if let Some(age) = self.age {
            clock.set(u64::try_from(now - age).unwrap());
            builder = builder.authenticated_ago(Duration::ZERO);
        }
        let identity = builder.build();
        clock.set(NOW);
        identity
    }

    /// How much it holds.
    fn weight(&self) -> usize {
        self.roles.len()
            + self.scopes.len()
            + usize::from(self.mfa)
            + usize::from(self.bound)
            + usize::from(self.acr.is_some())
            + usize::from(self.age.is_some())
    }

    /// With all that is included in what is held.
    fn closed(mut self) -> Self {
        for held in [&mut self.roles, &mut self.scopes] {
            loop {
                let more: Vec<_> = INCLUDES
                    .iter()
                    .filter(|(outer, inner)| held.contains(outer) && !held.contains(inner))
                    .map(|(_, inner)| *inner)
                    .collect();
                if more.is_empty() {
                    break;
                }
                held.extend(more);
            }
        }
        self
    }

    /// The decision over `self`, which is closed.
    fn meets(&self, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::Anyone | Requirement::Authenticated => true,
            Requirement::Role(name) => self.roles.contains(name.as_str()),
            Requirement::Scope(name) => self.scopes.contains(name.as_str()),
            Requirement::Mfa => self.mfa,
            Requirement::Bound => self.bound,
            Requirement::Acr(class) => self.acr == Some(class.as_str()),
            Requirement::MaxAge(seconds) => match self.age {
                Some(age) => age >= 0 && age <= i64::try_from(*seconds).unwrap(),
                None => false,
            },
            Requirement::All(parts) => !parts.iter().any(|part| !self.meets(part)),
            Requirement::Any(parts) => parts.iter().filter(|part| self.meets(part)).count() > 0,
            Requirement::Not(part) => !self.meets(part),
            Requirement::Rule { requires, .. } => self.meets(requires),
        }
    }

    /// Everybody who differs in one role, scope, factor, binding, class or step of age.
    fn neighbours(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for role in ROLES {
            let mut other = self.clone();
            toggle(&mut other.roles, role);
            all.push(other);
        }
        for scope in SCOPES {
            let mut other = self.clone();
            toggle(&mut other.scopes, scope);
            all.push(other);
        }
        all.push(Self { mfa: !self.mfa, ..self.clone() });
        all.push(Self { bound: !self.bound, ..self.clone() });
        for acr in classes().filter(|acr| *acr != self.acr) {
            all.push(Self { acr, ..self.clone() });
        }
        for age in ages().filter(|age| *age != self.age) {
            all.push(Self { age, ..self.clone() });
        }
        all
    }
}

fn toggle(held: &mut BTreeSet<&'static str>, name: &'static str) {
    if !held.remove(name) {
        held.insert(name);
    }
}

fn classes() -> impl Iterator<Item = Option<&'static str>> {
    std::iter::once(None).chain(CLASSES.map(Some))
}

fn ages() -> impl Iterator<Item = Option<i64>> {
    std::iter::once(None).chain(AGES.map(Some))
}

/// Every subset, the small ones not necessarily first.
fn subsets(names: &[&'static str]) -> Vec<BTreeSet<&'static str>> {
    names.iter().fold(vec![BTreeSet::new()], |mut sets, name| {
        let with = sets.clone().into_iter().map(|mut set| {
            set.insert(*name);
            set
        });
        sets.extend(with.collect::<Vec<_>>());
        sets
    })
}

/// Everybody in the world of the constants above, who holds less before who holds more.
fn everybody() -> Vec<Somebody> {
    let mut all = Vec::new();
    for roles in subsets(&ROLES) {
        for scopes in subsets(&SCOPES) {
            for (mfa, bound) in [(false, false), (true, false), (false, true), (true, true)] {
                for acr in classes() {
                    for age in ages() {
                        let (roles, scopes) = (roles.clone(), scopes.clone());
                        all.push(Somebody { roles, scopes, mfa, bound, acr, age });
                    }
                }
            }
        }
    }
    all.sort_by_key(Somebody::weight);
    all
}

/// The decision about `who`, on which all three must agree.
#[track_caller]
fn decision(function: &Checked, who: &Somebody, closed: &Somebody, identity: &Identity) -> bool {
    let expected = closed.meets(&function.claim);
    let id = function.record.id();
    assert_eq!((function.permits)(identity), expected, "the check of {id} about {who:?}");
    let reference = function.record.requirement().is_met_by(identity);
    assert_eq!(reference, expected, "the reference evaluation of {id} about {who:?}");
    let missing = function.record.requirement().missing_for(identity);
    assert_eq!(missing.is_nothing(), expected, "{id} lacks `{missing}` about {who:?}");
    expected
}

fn manifest_functions() -> Vec<Function> {
    authz_core::manifest().unwrap().functions
}

#[test]
fn this_file_and_the_policy_agree_on_what_includes_what() {
    let manifest = authz_core::manifest().unwrap();
    let policy = manifest.policies.iter().find(|found| found.id.ends_with("::policy::Policy"));
    let policy = policy.unwrap();
    let names = |found: &[authz_core::manifest::Name]| {
        found.iter().map(|name| name.name.clone()).collect::<BTreeSet<_>>()
    };
    assert_eq!(names(&policy.roles), ROLES.map(str::to_owned).into());
    assert_eq!(names(&policy.scopes), SCOPES.map(str::to_owned).into());
    let found: BTreeSet<_> = [&policy.roles, &policy.scopes]
        .into_iter()
        .flatten()
        .flat_map(|outer| outer.includes.iter().map(|inner| (&*outer.name, &**inner)))
        .collect();
    assert_eq!(found, INCLUDES.into());
}

#[test]
fn every_function_of_this_program_is_in_the_list_and_claims_what_its_record_says() {
    let functions = functions();
    let manifest = manifest_functions();
    assert_eq!(manifest.len(), functions.len());
    for function in &functions {
        let claims: Vec<_> =
            manifest.iter().filter(|claim| claim.id == function.record.id()).collect();
        assert_eq!(claims.len(), 1, "{}", function.record.id());
        assert_eq!(claims[0].requirement, function.claim, "{}", function.record.id());
    }
}

#[test]
fn the_compiled_check_equals_the_naive_evaluator_for_everybody_in_a_small_world() {
    let functions = functions();
    let mut allowed = vec![0_usize; functions.len()];
    let everybody = everybody();
    for who in &everybody {
        let (closed, identity) = (who.clone().closed(), who.identity());
        for (function, allowed) in functions.iter().zip(&mut allowed) {
            *allowed += usize::from(decision(function, who, &closed, &identity));
        }
    }
    for (function, allowed) in functions.iter().zip(allowed) {
        let id = function.record.id();
        assert!(allowed > 0, "{id} lets nobody in, so that nothing was compared");
        let denied = everybody.len() - allowed;
        assert_eq!(denied == 0, id.ends_with("::anybody"), "{id} denies {denied}");
    }
}

#[test]
fn every_claim_of_the_manifest_holds_one_change_away_from_a_least_identity_let_in() {
    let functions = functions();
    let everybody: Vec<_> =
        everybody().into_iter().map(|who| (who.clone().closed(), who)).collect();
    let mut turned = 0;
    let manifest = manifest_functions();
    for claim in &manifest {
        let function = functions.iter().find(|found| found.record.id() == claim.id).unwrap();
        let (_, least) =
            everybody.iter().find(|(closed, _)| closed.meets(&claim.requirement)).unwrap();
        assert!((function.permits)(&least.identity()), "{} refuses {least:?}", claim.id);
        let mut refused = 0_usize;
        for other in least.neighbours() {
            let observed = (function.permits)(&other.identity());
            let claimed = other.clone().closed().meets(&claim.requirement);
            assert_eq!(observed, claimed, "{} about {other:?}", claim.id);
            refused += usize::from(!observed);
        }
        // A least identity that holds something would not be least if each part could go.
        assert!(refused > 0 || least.weight() == 0, "{} depends on nothing", claim.id);
        turned += usize::from(refused > 0);
    }
    // All but `authenticated`, and `not` of two things of which one alone does no harm.
    assert_eq!(turned, manifest.len() - 2);
}

fn somebody() -> impl Strategy<Value = Somebody> {
    let age = prop_oneof![
        Just(None),
        (-2_i64..4_000).prop_map(Some),
        prop::sample::select(&AGES[..]).prop_map(Some),
        (-1_000_000_000_i64..1_800_000_000).prop_map(Some),
    ];
    (
        prop::sample::subsequence(&ROLES[..], 0..=ROLES.len()),
        prop::sample::subsequence(&SCOPES[..], 0..=SCOPES.len()),
        any::<(bool, bool)>(),
        prop::option::of(prop::sample::select(&CLASSES[..])),
        age,
    )
        .prop_map(|(roles, scopes, (mfa, bound), acr, age)| Somebody {
            roles: roles.into_iter().collect(),
            scopes: scopes.into_iter().collect(),
            mfa,
            bound,
            acr,
            age,
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_compiled_check_equals_the_naive_evaluator(who in somebody()) {
        let (closed, identity) = (who.clone().closed(), who.identity());
        for function in functions() {
            let expected = closed.meets(&function.claim);
            prop_assert_eq!((function.permits)(&identity), expected, "{}", function.record.id());
            let reference = function.record.requirement().is_met_by(&identity);
            prop_assert_eq!(reference, expected, "{}", function.record.id());
        }
    }

    #[test]
    fn holding_what_is_included_as_well_changes_nothing(who in somebody()) {
        let (sparse, closed) = (who.identity(), who.closed().identity());
        for function in functions() {
            prop_assert_eq!((function.permits)(&sparse), (function.permits)(&closed));
        }
    }
}
