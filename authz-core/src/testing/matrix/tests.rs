//! The frontier and the promises against a look at everybody in a small world.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::answer::Answer;
use super::caller::Caller;
use super::endpoint::tests::function;
use super::frontier::frontier;
use super::plan::Plan;
use super::table::{Contents, Exemption};
use super::tree::Tree;
use super::vocabulary::tests::shop;
use super::vocabulary::{Names, Set, Vocabulary};
use super::{Update, compare_table};
use crate::manifest::Requirement;

/// Every closed set of names.
fn sets(names: &Names, count: usize) -> BTreeSet<Set> {
    let given = |bits: usize| (0..count).filter(move |name| bits >> name & 1 == 1);
    (0..1 << count).map(|bits| names.closed(&given(bits).collect::<Vec<_>>())).collect()
}

/// Everybody there can be, as far as requirements of [`requirement`] can tell.
fn everybody(vocabulary: &Vocabulary) -> Vec<Caller> {
    let mut everybody = Vec::new();
    for roles in sets(&vocabulary.roles, 5) {
        if vocabulary.exclude(&roles) {
            continue;
        }
        for scopes in sets(&vocabulary.scopes, 2) {
            for (mfa, bound) in [(false, false), (false, true), (true, false), (true, true)] {
                for acr in [None, Some("gold"), Some("silver"), Some("other")] {
                    for age in [None, Some(10), Some(60), Some(61), Some(300), Some(301)] {
                        everybody.push(Caller {
                            roles: roles.clone(),
                            scopes: scopes.clone(),
                            mfa,
                            bound,
                            acr: acr.map(str::to_owned),
                            age,
                        });
                    }
                }
            }
        }
    }
    everybody
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let role = prop::sample::select(vec!["admin", "manager", "clerk", "auditor", "guest"]);
    let leaf = prop_oneof![
        4 => role.prop_map(|name| Requirement::Role(name.to_owned())),
        3 => prop::sample::select(vec!["read", "write"])
            .prop_map(|name| Requirement::Scope(name.to_owned())),
        1 => Just(Requirement::Mfa),
        1 => Just(Requirement::Bound),
        1 => Just(Requirement::Authenticated),
        2 => prop::sample::select(vec!["gold", "silver"])
            .prop_map(|class| Requirement::Acr(class.to_owned())),
        2 => prop::sample::select(vec![60, 300]).prop_map(Requirement::MaxAge),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Requirement::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Requirement::Any),
            inner.prop_map(|part| Requirement::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_frontier_tells_who_passes(requirement in requirement()) {
        let shop = shop();
        let tree = Tree::of(&requirement, &shop);
        let frontier = frontier(&tree, &shop);
        for caller in everybody(&shop) {
            // From nobody upwards: whoever the caller stands on last tells the answer.
            let below: Vec<_> =
                frontier.iter().filter(|(base, _)| base.is_within(&caller)).collect();
            let is_last = |base: &Caller| {
                !below.iter().any(|(other, _)| *other != base && base.is_within(other))
            };
            let answers: BTreeSet<_> =
                below.iter().filter(|(base, _)| is_last(base)).map(|(_, answer)| **answer).collect();
            prop_assert_eq!(answers, BTreeSet::from([tree.is_met_by(&caller)]), "{:?}", caller);
        }
    }

    #[test]
    fn the_weakest_who_pass_are_found(requirement in requirement()) {
        let shop = shop();
        let tree = Tree::of(&requirement, &shop);
        let everybody = everybody(&shop);
        let passing: Vec<_> = everybody.iter().filter(|caller| tree.is_met_by(caller)).collect();
        let weakest: BTreeSet<_> = passing
            .iter()
            .filter(|one| !passing.iter().any(|other| other != *one && other.is_within(one)))
            .map(|one| (*one).clone())
            .collect();
        let found = frontier(&tree, &shop);
        let first: BTreeSet<_> = found
            .iter()
            .filter(|(_, passes)| **passes)
            .filter(|(one, _)| {
                !found.iter().any(|(other, passes)| *passes && other != *one && other.is_within(one))
            })
            .map(|(one, _)| one.clone())
            .collect();
        prop_assert_eq!(weakest, first);
    }

    #[test]
    fn tables_are_equal_where_the_same_callers_pass(left in requirement(), right in requirement()) {
        let shop = shop();
        let same = {
            let (left, right) = (Tree::of(&left, &shop), Tree::of(&right, &shop));
            everybody(&shop).iter().all(|one| left.is_met_by(one) == right.is_met_by(one))
        };
        let passing = |requirement: Requirement| -> Vec<_> {
            let plan = Plan::of(&function("shop::f", requirement), &shop);
            let answers = plan.callers.into_iter();
            answers.map(|(caller, answer)| (caller, answer == Answer::Passes)).collect()
        };
        prop_assert_eq!(passing(left) == passing(right), same);
    }
}

const NO: Update = Update { asked: false, in_ci: false };
const YES: Update = Update { asked: true, in_ci: false };

/// A table with nothing in it but exemptions.
fn table(exempt: &[Exemption]) -> String {
    let (endpoints, services, unrouted, vocabulary) = (&[], &[], &[], &shop());
    Contents { endpoints, services, unrouted, exempt, vocabulary }.text()
}

#[test]
fn exemptions_only_become_fewer() {
    let path = std::env::temp_dir().join(format!("authz-matrix-{}", std::process::id()));
    drop(std::fs::remove_file(&path));
    let of = |names: &[&str]| -> Vec<_> {
        let exemption = |name: &&str| Exemption {
            function: (*name).to_owned(),
            reason: "because: so".to_owned(),
        };
        names.iter().map(exemption).collect()
    };
    let compare = |names: &[&str], update: Update| {
        let exempt = of(names);
        compare_table(&path, &table(&exempt), &exempt, update)
    };
    // The first table is written with those that there are.
    assert!(compare(&["shop::a", "shop::b"], NO).unwrap_err().contains("AUTHZ_UPDATE=1"));
    compare(&["shop::a", "shop::b"], YES).unwrap();
    compare(&["shop::a", "shop::b"], NO).unwrap();
    // One more is never written.
    for update in [NO, YES] {
        let more = compare(&["shop::a", "shop::b", "shop::c"], update).unwrap_err();
        assert!(more.starts_with("`shop::c`: exempt, and not in `"), "{more}");
        assert!(more.contains("may only shrink"), "{more}");
    }
    // One less is another table, and written.
    assert!(compare(&["shop::b"], NO).unwrap_err().contains("- exempt\n"));
    compare(&["shop::b"], YES).unwrap();
    assert!(compare(&["shop::a", "shop::b"], YES).is_err());
    compare(&[], YES).unwrap();
    assert!(compare(&["shop::b"], YES).is_err());
    std::fs::remove_file(&path).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_stronger_than_the_strongest(requirement in requirement()) {
        let mut shop = shop();
        shop.learn(&requirement);
        let tree = Tree::of(&requirement, &shop);
        let strongest = super::frontier::strongest(&tree, &shop);
        for caller in everybody(&shop) {
            if caller.acr.as_ref().is_some_and(|class| !shop.classes.contains(class)) {
                continue;
            }
            let answer = tree.is_met_by(&caller);
            let beyond = strongest
                .iter()
                .any(|one| caller.is_within(one) && tree.is_met_by(one) == answer);
            prop_assert!(beyond, "{:?}", caller);
        }
    }
}
