//! Every single step away from what was reviewed is reported, whether it is in an annotation or in what
//! is enforced behind it.
//!
//! A mutant that lets the very same callers pass is no mistake, and need not be reported. Whether it is
//! one says the framework's own evaluation, on everybody there can be (`world.rs`).

use authz_core::manifest::{Function, Requirement};
use authz_core::testing::{DenialMatrix, Endpoint};
use http::{Method, Request, Response};

use crate::app;
use crate::mutations::mutations;
use crate::policy::{Policy, Verifier};
use crate::world::{World, compiled};

#[tokio::test]
async fn the_service_as_it_was_reviewed_keeps_what_it_promises() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/denial_matrix/authz.matrix");
    DenialMatrix::from(app::router()).golden(golden).await;
}

/// The functions of the service, as its manifest tells.
fn functions() -> Vec<Function> {
    let router = app::router();
    router.routes().iter().map(|route| route.function().unwrap().into()).collect()
}

/// The table of a service with these functions.
fn table(functions: &[Function]) -> String {
    let endpoint = |function: &Function| {
        let (method, path) = function.route.as_deref().unwrap().split_once(' ').unwrap();
        Endpoint::new(function.clone(), method.parse::<Method>().unwrap(), path)
    };
    let endpoints = functions.iter().map(endpoint).collect();
    let nothing = |_: Verifier| async |_: Request<_>| Response::new(());
    DenialMatrix::<Policy>::of(endpoints, nothing).table()
}

/// Each function that something can be loosened or tightened in, with each way to.
fn mutants() -> Vec<(usize, Function, String, Requirement)> {
    let mut mutants = Vec::new();
    for (place, function) in functions().into_iter().enumerate() {
        if function.kind != "requires" {
            continue;
        }
        for (what, requirement) in mutations(&function.requirement) {
            mutants.push((place, function.clone(), what, requirement));
        }
    }
    mutants
}

#[test]
fn every_annotation_that_means_something_else_changes_the_table() {
    let world = World::new();
    let original = functions();
    let reviewed = table(&original);
    let (mut reported, mut equal) = (0, 0);
    for (place, function, what, requirement) in mutants() {
        let mut mutated = original.clone();
        mutated[place].requirement = requirement.clone();
        if table(&mutated) != reviewed {
            reported += 1;
            continue;
        }
        let same = world.agrees(&function.requirement, &requirement);
        assert!(same, "{}: {what}: not reported", function.id);
        equal += 1;
    }
    assert!(reported > 900, "{reported} mutants");
    assert!(equal < reported / 10, "{equal} that mean the same beside {reported}");
}

#[test]
fn every_other_attribute_and_every_handler_more_or_less_changes_the_table() {
    let original = functions();
    let reviewed = table(&original);
    for (place, function) in original.iter().enumerate() {
        for kind in ["requires", "manual", "public"].into_iter().filter(|it| *it != function.kind) {
            let mut mutated = original.clone();
            mutated[place].kind = kind.to_owned();
            mutated[place].requirement = match kind {
                "public" => Requirement::Anyone,
                _ => Requirement::Authenticated,
            };
            assert_ne!(table(&mutated), reviewed, "{} made {kind}", function.id);
        }
        let mut fewer = original.clone();
        fewer.remove(place);
        assert_ne!(table(&fewer), reviewed, "{} on no route", function.id);
        let mut more = original.clone();
        more.push(Function { id: "shop::new".to_owned(), ..function.clone() });
        assert_ne!(table(&more), reviewed, "a new handler like {}", function.id);
        let mut elsewhere = original.clone();
        elsewhere[place].route = Some("GET /elsewhere".to_owned());
        assert_ne!(table(&elsewhere), reviewed, "{} elsewhere", function.id);
    }
}

#[tokio::test]
async fn every_check_that_is_not_what_the_record_says_is_found_by_the_requests() {
    let world = World::new();
    let (mut found, mut equal) = (0, 0);
    for (function, router) in app::mutable() {
        let record = Function::from(function);
        for (what, requirement) in mutations(&record.requirement) {
            if world.agrees(&record.requirement, &requirement) {
                equal += 1;
                continue;
            }
            app::enforcing(compiled(&requirement));
            let matrix = DenialMatrix::from(router());
            assert!(matrix.check().await.is_err(), "{}: {what}: not found", record.id);
            found += 1;
        }
    }
    assert!(found > 400, "{found} mutants");
    assert!(equal < found / 10, "{equal} that mean the same beside {found}");
}
