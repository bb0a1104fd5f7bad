//! Each lint finds what it says, and not its neighbour; levels and exceptions are obeyed.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use authz_manifest::{Function, Manifest, Name, Requirement};
use cargo_authz::lint::{Config, Finding, LINTS, run};
use support::{folder, printed, program, records, run as command, shop};

fn found(manifest: &Manifest) -> Vec<Finding> {
    run(manifest, &Config::default()).unwrap()
}

/// What is found beyond what is found in the shop, which is nothing.
fn lints_of(change: impl Fn(&mut Manifest)) -> Vec<(String, String)> {
    let mut manifest = shop();
    change(&mut manifest);
    let pair = |finding: Finding| (finding.lint.to_owned(), finding.subject);
    found(&manifest).into_iter().map(pair).collect()
}

fn set(manifest: &mut Manifest, name: &str, change: impl Fn(&mut Function)) {
    let found = manifest.functions.iter_mut().find(|function| function.id.ends_with(name));
    change(found.unwrap());
}

fn requiring(words: &str) -> Vec<(String, String)> {
    lints_of(|shop| {
        set(shop, "cancel", |function| {
            function.requirement = cargo_authz::words::parse(words).unwrap();
        });
    })
}

fn about_cancel(lint: &str) -> Vec<(String, String)> {
    vec![(lint.to_owned(), "shop::service::cancel".to_owned())]
}

#[test]
fn a_sound_program_has_nothing_to_find() {
    assert_eq!(found(&shop()), []);
}

#[test]
fn a_reason_has_to_say_something() {
    for (reason, count) in [
        ("todo", 1),
        ("TODO!", 1),
        ("public", 1),
        ("health", 1),
        ("", 1),
        ("-", 1),
        ("x y", 1),
        ("load balancer probe", 0),
        ("for the status page", 0),
    ] {
        let found = lints_of(|shop| {
            set(shop, "health", |function| function.reason = Some(reason.to_owned()));
        });
        assert_eq!(found.len(), count, "{reason}: {found:?}");
    }
}

#[test]
fn a_part_that_changes_nothing_is_found_by_meaning() {
    for words in [
        r#"all(role = "manager", role = "clerk", scope = "write:orders")"#,
        r#"all(scope = "write:orders", scope = "read:orders", mfa)"#,
        r#"all(max_age = "5m", max_age = "1h", scope = "write:orders")"#,
        r#"all(scope = "write:orders", any(role = "clerk", role = "admin"))"#,
        r#"all(scope = "write:orders", acr = "gold", not(acr = "silver"))"#,
    ] {
        assert_eq!(requiring(words), about_cancel("implied-part"), "{words}");
    }
    let neighbour = r#"all(role = "clerk", role = "auditor", scope = "write:orders")"#;
    assert_eq!(requiring(neighbour), []);
}

#[test]
fn a_requirement_that_everybody_or_nobody_meets_is_found() {
    assert_eq!(requiring("any(mfa, not(mfa))"), about_cancel("open"));
    assert_eq!(requiring("authenticated"), []);
    assert_eq!(
        requiring(r#"all(role = "clerk", not(role = "clerk"))"#),
        about_cancel("unreachable")
    );
    assert_eq!(
        requiring(r#"all(role = "manager", not(role = "clerk"))"#),
        about_cancel("unreachable")
    );
    assert_eq!(requiring(r#"all(acr = "gold", acr = "silver")"#), about_cancel("unreachable"));
    // The same roles are a contradiction once they exclude each other.
    let both = r#"all(role = "clerk", role = "auditor", scope = "write:orders")"#;
    let found = lints_of(|shop| {
        shop.policies[0].roles[1].includes.pop();
        shop.policies[0].roles[2].excludes.push("auditor".to_owned());
        set(shop, "cancel", |function| {
            function.requirement = cargo_authz::words::parse(both).unwrap();
        });
    });
    assert_eq!(found, about_cancel("unreachable"));
}

#[test]
fn a_change_behind_a_scope_for_reading_is_found() {
    let only_read = r#"scope = "read:orders""#;
    assert_eq!(requiring(only_read), about_cancel("mutation-by-read"));
    assert_eq!(requiring(r#"all(scope = "read:orders", mfa)"#), about_cancel("mutation-by-read"));
    assert_eq!(requiring(r#"all(scope = "read:orders", role = "clerk")"#), []);
    let either = r#"any(scope = "read:orders", role = "clerk")"#;
    assert_eq!(requiring(either), about_cancel("mutation-by-read"));
    assert_eq!(requiring(r#"scope = "write:orders""#), []);
    // The route says more than the name.
    let routed = |route: &str| {
        lints_of(|shop| {
            set(shop, "list", |function| function.route = Some(route.to_owned()));
        })
    };
    assert_eq!(routed("GET /orders"), []);
    assert_eq!(routed("POST /orders").len(), 1);
}

fn name(name: &str) -> Name {
    Name {
        name: name.to_owned(),
        variant: "Variant".to_owned(),
        doc: String::new(),
        includes: Vec::new(),
        excludes: Vec::new(),
        grants: Vec::new(),
    }
}

#[test]
fn names_that_do_nothing_are_found() {
    let pair = |lint: &str, name: &str| (lint.to_owned(), name.to_owned());
    assert_eq!(
        lints_of(|shop| {
            shop.policies[0].roles.push(name("intern"));
            shop.policies[0].scopes.push(name("write:invoices"));
        }),
        [pair("never-required", "intern"), pair("never-required", "write:invoices")]
    );
    // A role that is named only to be kept out opens nothing.
    assert_eq!(
        lints_of(|shop| {
            shop.policies[0].roles.push(name("intern"));
            let kept_out = Requirement::Not(Box::new(Requirement::Role("intern".to_owned())));
            set(shop, "list", |function| {
                let scope = Requirement::Scope("read:orders".to_owned());
                function.requirement = Requirement::All(vec![scope, kept_out.clone()]);
            });
        }),
        [pair("powerless-role", "intern")]
    );
    // One that grants a scope which is required does something, where scopes follow from roles.
    assert_eq!(
        lints_of(|shop| {
            let grants = vec!["read:orders".to_owned()];
            shop.policies[0].roles.push(Name { grants, ..name("intern") });
        }),
        []
    );
}

#[test]
fn the_command_tells_findings_in_every_format_and_obeys_the_configuration() {
    let folder = folder("lints-command");
    let mut manifest = shop();
    set(&mut manifest, "health", |function| function.reason = Some("todo".to_owned()));
    std::fs::write(folder.join("shop"), program(&records(&manifest))).unwrap();
    let lint = |arguments: &[&str]| {
        printed(&command(&folder, &[&["lint", "--program", "shop"], arguments].concat()))
    };
    for format in ["human", "json", "github", "sarif", "markdown"] {
        let (text, said, code) = lint(&["--format", format]);
        assert_eq!((code, said.as_str()), (0, "1 finding in 5 functions\n"));
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(format!("lint-{format}"), text));
    }
    assert_eq!(lint(&["--deny-warnings"]).2, 1);
    std::fs::write(folder.join("authz.toml"), "[lints]\nempty-reason = \"deny\"\n").unwrap();
    assert_eq!(lint(&[]).2, 1);
    let except =
        "[lints]\nempty-reason = { level = \"deny\", except = [\"shop::service::health\"] }\n";
    std::fs::write(folder.join("other.toml"), except).unwrap();
    assert_eq!(
        lint(&["--config", "other.toml"]),
        (String::new(), "0 findings in 5 functions\n".to_owned(), 0)
    );
    assert_eq!(lint(&["--config", "none.toml"]).2, 20);
    std::fs::write(folder.join("wrong.toml"), "[lints]\nempty = \"deny\"\n").unwrap();
    assert_eq!(lint(&["--config", "wrong.toml"]).2, 20);
}

#[test]
fn every_lint_has_a_page() {
    let folder = folder("lints-pages");
    let (list, _, _) = printed(&command(&folder, &["lint", "--list"]));
    for lint in LINTS {
        assert!(list.contains(lint.id));
        let (page, _, code) = printed(&command(&folder, &["lint", "--explain", lint.id]));
        assert_eq!(code, 0);
        assert!(page.starts_with(&format!("{}: {}\n\n{}", lint.id, lint.finds, lint.page)));
    }
    assert_eq!(printed(&command(&folder, &["lint", "--explain", "opne"])).2, 16);
}
