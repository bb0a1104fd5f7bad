//! A program of 10,000 guarded functions: read from its file, and compared with a lock from which
//! every function differs.
//!
//! `cargo bench -p cargo-authz --bench large`

#![expect(clippy::indexing_slicing, reason = "the places are those of the shop")]

use std::hint::black_box;
use std::path::PathBuf;

use authz_manifest::{Manifest, Requirement};
use cargo_authz::{drift::Drift, lock, program};
use divan::Bencher;

#[path = "../tests/support/mod.rs"]
mod support;

const FUNCTIONS: usize = 10_000;
const ROLES: usize = 60;
const SCOPES: usize = 120;

fn main() {
    divan::main();
}

/// Requirements of the size that one finds, each of them another.
fn requirement(number: usize, age: u64) -> Requirement {
    let role = |number: usize| Requirement::Role(format!("role-{}", number % ROLES));
    let scope = |number: usize| Requirement::Scope(format!("scope:{}", number % SCOPES));
    Requirement::All(vec![
        Requirement::Any(vec![
            role(number),
            Requirement::All(vec![role(number / ROLES), Requirement::MaxAge(age)]),
        ]),
        scope(number),
        Requirement::Not(Box::new(role(number * 7 + 3))),
        Requirement::Mfa,
    ])
}

fn large(age: u64) -> Manifest {
    let mut shop = support::shop();
    let template = shop.functions.remove(0);
    let policy = &mut shop.policies[0];
    let name = policy.roles[2].clone();
    let names = |count: usize, prefix: &str| {
        let named = |number: usize| {
            let mut name = name.clone();
            name.name = format!("{prefix}{number}");
            name.grants.clear();
            // A tree of four branches at each knot.
            name.includes = (number * 4 + 1..number * 4 + 5)
                .filter(|other| *other < count)
                .map(|other| format!("{prefix}{other}"))
                .collect();
            name
        };
        (0..count).map(named).collect::<Vec<_>>()
    };
    policy.roles = names(ROLES, "role-");
    policy.scopes = names(SCOPES, "scope:");
    let mut functions = Vec::new();
    for number in 0..FUNCTIONS {
        let mut function = template.clone();
        function.id = format!("shop::module_{:03}::function_{number:05}", number / 100);
        function.requirement = requirement(number, age);
        functions.push(function);
    }
    Manifest { functions, ..shop }
}

fn file() -> PathBuf {
    let path = std::env::temp_dir().join(format!("cargo-authz-large-{}", std::process::id()));
    let bytes = support::program(&support::records(&large(3_600)));
    assert!(std::fs::write(&path, bytes).is_ok());
    path
}

#[divan::bench]
fn manifest_from_the_file(bencher: Bencher<'_, '_>) {
    let path = file();
    bencher.bench_local(|| {
        let manifest = program::read(black_box(&path));
        assert!(manifest.is_ok_and(|manifest| manifest.functions.len() == FUNCTIONS));
    });
    assert!(std::fs::remove_file(path).is_ok());
}

#[divan::bench]
fn nothing_differs(bencher: Bencher<'_, '_>) {
    let (before, now) = (large(3_600), large(3_600));
    bencher.bench_local(|| {
        let drift = Drift::between(black_box(&before), black_box(&now));
        assert!(drift.is_ok_and(|drift| drift.is_empty()));
    });
}

#[divan::bench(max_time = 10)]
fn every_function_differs(bencher: Bencher<'_, '_>) {
    let (before, now) = (large(3_600), large(7_200));
    bencher.bench_local(|| {
        let drift = Drift::between(black_box(&before), black_box(&now));
        assert!(drift.is_ok_and(|drift| drift.functions.len() == FUNCTIONS));
    });
}

#[divan::bench]
fn lock_written_and_read(bencher: Bencher<'_, '_>) {
    let manifest = large(3_600);
    bencher.bench_local(|| {
        let text = lock::write(black_box(&manifest));
        assert!(lock::parse(&text, "authz.lock".as_ref()).is_ok());
    });
}
