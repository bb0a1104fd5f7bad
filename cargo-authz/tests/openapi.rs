//! The security of an OpenAPI document says who passes, and an operation that the program does not
//! know is told.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that finds something else has failed"
)]

mod support;

use authz_manifest::{Function, Manifest, Name, Policy, Requirement};
use serde_json::{Value, json};
use support::{folder, printed, program, records, run, shop};
use utoipa::openapi::OpenApi;

fn ready(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    let mut shop = shop();
    let cancel = shop.functions.iter_mut().find(|it| it.id.ends_with("cancel")).unwrap();
    cancel.route = Some("DELETE /orders/{id}".to_owned());
    let me = shop.functions.iter_mut().find(|it| it.id.ends_with("::me")).unwrap();
    me.route = Some("GET /files/{*path}".to_owned());
    let mut hidden = me.clone();
    hidden.id.push_str("_hidden");
    hidden.route = None;
    shop.functions.push(hidden);
    std::fs::write(folder.join("shop"), program(&records(&shop))).unwrap();
    folder
}

#[test]
fn a_document_has_every_declared_route_with_the_weakest_callers_that_pass() {
    let folder = ready("openapi-new");
    let (text, said, code) = printed(&run(&folder, &["openapi", "--program", "shop"]));
    assert_eq!((said.as_str(), code), ("1 function declares no route\n", 0));
    let document: Value = serde_json::from_str(&text).unwrap();
    let security = |pointer: &str| document.pointer(pointer).unwrap().clone();
    assert_eq!(security("/paths/~1health/get/security"), json!([]));
    assert_eq!(security("/paths/~1orders/get/security"), json!([{ "bearer": ["read:orders"] }]));
    assert_eq!(security("/paths/~1files~1{path}/get/security"), json!([{ "bearer": [] }]));
    assert_eq!(
        security("/paths/~1orders~1{id}/delete/security"),
        json!([
            { "bearer": ["write:orders", "role:manager"] },
            { "bearer": ["write:orders", "role:clerk"] },
        ])
    );
    assert_eq!(
        security("/paths/~1orders~1{id}~1refund/post/x-authz-requires"),
        json!(
            "role = \"manager\", scope = \"write:orders\", mfa, max_age = \"5m\", \
             not(acr = \"bronze\")"
        )
    );
    assert_eq!(security("/components/securitySchemes/bearer/scheme"), json!("bearer"));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("openapi", text);
    });
}

#[test]
fn a_document_of_ones_own_keeps_what_it_says_and_unknown_operations_are_told() {
    let folder = ready("openapi-own");
    let own = json!({
        "openapi": "3.1.0",
        "info": { "title": "Shop", "version": "7" },
        "security": [{ "other": [] }],
        "paths": {
            "/orders/{order}": {
                "parameters": [],
                "delete": { "summary": "Cancels.", "security": [] },
                "get": { "summary": "Shows." },
            },
        },
        "components": { "securitySchemes": { "other": { "type": "mutualTLS" } } },
    });
    std::fs::write(folder.join("own.json"), own.to_string()).unwrap();
    let arguments = ["openapi", "--program", "shop", "--document", "own.json"];
    let (text, said, code) = printed(&run(&folder, &arguments));
    assert_eq!(code, 1);
    assert_eq!(
        said.lines().next(),
        Some("`GET /orders/{order}` is in the document, and no function declares it")
    );
    let document: Value = serde_json::from_str(&text).unwrap();
    let at = |pointer: &str| document.pointer(pointer).cloned();
    let delete = at("/paths/~1orders~1{order}/delete").unwrap();
    assert_eq!(delete.get("summary"), Some(&json!("Cancels.")));
    assert_eq!(delete.get("security").and_then(Value::as_array).map(Vec::len), Some(2));
    assert_eq!(at("/paths/~1orders~1{order}/get"), Some(json!({ "summary": "Shows." })));
    assert_eq!(at("/components/securitySchemes/other/type"), Some(json!("mutualTLS")));
    assert!(at("/components/securitySchemes/bearer").is_some());
    assert_eq!(at("/security"), Some(json!([{ "other": [] }])));
}

#[test]
fn what_is_no_document_is_refused() {
    let folder = ready("openapi-bad");
    for (name, text, code) in [
        ("yaml", "openapi: 3.1.0", 20),
        ("old", r#"{"openapi":"3.0.3","paths":{}}"#, 20),
        ("pathless", r#"{"openapi":"3.1.0"}"#, 20),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
        let output = run(&folder, &["openapi", "--program", "shop", "--document", name]);
        assert_eq!(printed(&output).2, code, "{name}");
    }
    let output = run(&folder, &["openapi", "--program", "shop", "--document", "nothing"]);
    assert_eq!(printed(&output).2, 4);
}

/// The document that a program secures by itself says the same, which it finds by other means.
#[test]
fn a_program_says_of_itself_what_the_tool_says_of_it() {
    let mut random = Random(0x0bad_5eed);
    let mut listed = 0;
    for _ in 0..5_000 {
        let manifest = Manifest {
            policies: vec![random.policy()],
            functions: (0..4).map(|number| random.function(number)).collect(),
            ..shop()
        };
        let ours = cargo_authz::openapi::document("Shop", &manifest).unwrap();
        let mut theirs: OpenApi = serde_json::from_value(ours.clone()).unwrap();
        for path in theirs.paths.paths.values_mut() {
            let get = path.get.as_mut().unwrap();
            (get.security, get.extensions) = (None, None);
        }
        assert!(authz_core::openapi::secure_by(&mut theirs, &manifest).is_empty());
        let theirs = serde_json::to_value(&theirs).unwrap();
        for function in &manifest.functions {
            let path = function.route.as_deref().and_then(|route| route.strip_prefix("GET "));
            let operation = &["paths", path.unwrap(), "get"];
            let [ours, theirs] = [&ours, &theirs]
                .map(|document| operation.iter().fold(document, |part, name| &part[*name]));
            assert_eq!(sorted(ours), sorted(theirs), "{}", function.requirement);
            assert_eq!(ours["x-authz-requires"], theirs["x-authz-requires"]);
            listed += usize::from(sorted(ours).len() > 1);
        }
        assert_eq!(ours["components"], theirs["components"]);
    }
    assert!(listed > 500, "{listed}");
}

/// The alternatives and the names in them, whose order means nothing.
fn sorted(operation: &Value) -> Vec<Vec<String>> {
    let alternatives = operation["security"].as_array().unwrap();
    let mut alternatives: Vec<_> = alternatives
        .iter()
        .map(|alternative| {
            let names = alternative["bearer"].as_array().unwrap();
            let mut names: Vec<_> =
                names.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        })
        .collect();
    alternatives.sort();
    alternatives
}

/// Numbers that are the same in each run: xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % limit
    }

    fn names(&mut self, kind: &str, count: usize) -> Vec<Name> {
        let name = |number: usize| format!("{kind}{number}");
        (0..count)
            .map(|number| Name {
                name: name(number),
                variant: name(number),
                doc: String::new(),
                includes: (number + 1..count).filter(|_| self.below(3) == 0).map(name).collect(),
                excludes: Vec::new(),
                grants: Vec::new(),
            })
            .collect()
    }

    fn policy(&mut self) -> Policy {
        let (mut roles, scopes) = (self.names("r", 4), self.names("s", 3));
        if self.below(2) == 0 {
            let (one, other) = (self.below(3), 3);
            let closed = |roles: &[Name], from: usize| -> Vec<String> {
                let mut all = vec![roles[from].name.clone()];
                let mut at = 0;
                while at < all.len() {
                    let next = roles.iter().find(|role| role.name == all[at]).unwrap();
                    all.extend(next.includes.clone());
                    at += 1;
                }
                all
            };
            let other = roles[other].name.clone();
            // A vocabulary in which a role includes both is no vocabulary.
            let both = (0..4).map(|role| closed(&roles, role));
            let name = roles[one].name.clone();
            if !both.into_iter().any(|all| all.contains(&name) && all.contains(&other)) {
                roles[one].excludes.push(other);
            }
        }
        Policy { id: "shop::Policy".to_owned(), roles, scopes }
    }

    fn function(&mut self, number: usize) -> Function {
        let shop = shop();
        let model = shop.functions.iter().find(|function| function.kind == "requires").unwrap();
        Function {
            id: format!("shop::f{number}"),
            policy: "shop::Policy".to_owned(),
            route: Some(format!("GET /f{number}")),
            requirement: self.requirement(3),
            ..model.clone()
        }
    }

    fn requirement(&mut self, depth: usize) -> Requirement {
        match self.below(if depth == 0 { 6 } else { 10 }) {
            0 | 1 => Requirement::Role(format!("r{}", self.below(4))),
            2 => Requirement::Scope(format!("s{}", self.below(3))),
            3 if self.below(2) == 0 => Requirement::Bound,
            3 => Requirement::Mfa,
            4 => Requirement::Acr(["gold", "silver"][self.below(2)].to_owned()),
            5 => Requirement::MaxAge([60, 300][self.below(2)]),
            6 => Requirement::Not(Box::new(self.requirement(depth - 1))),
            7 => Requirement::Any(self.parts(depth)),
            8 => Requirement::Rule {
                name: "shop::Rule".to_owned(),
                requires: Box::new(self.requirement(depth - 1)),
            },
            _ => Requirement::All(self.parts(depth)),
        }
    }

    fn parts(&mut self, depth: usize) -> Vec<Requirement> {
        (0..=self.below(2)).map(|_| self.requirement(depth - 1)).collect()
    }
}
