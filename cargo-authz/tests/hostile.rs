//! Whatever a program, a lock, a log or a document says, nothing of it moves a terminal, turns a line round, begins
//! a line of its own, or is a command to a runner of workflows: in no command and in no form.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use std::path::Path;

use authz_manifest::text::is_hidden;
use authz_manifest::{Field, Function, Manifest, Name, Object, Policy, Requirement, Resource};
use cargo_authz::text;
use proptest::prelude::*;
use serde_json::json;
use support::{folder, printed, program, records, run};

/// A text of a stranger: what a terminal, a runner, a browser and a renderer of Markdown obey.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}[2K\u{1b}[1A"),
        Just("\u{9b}2J"),
        Just("\n::error::owned"),
        Just("\r\n  ::add-mask::a"),
        Just("::warning::owned"),
        Just("##[error]owned"),
        Just("\u{202e}\u{2066}"),
        Just("\u{200b}\u{feff}"),
        Just("\u{2028}\u{85}"),
        Just("\u{e0041}"),
        Just("\\u{1b}"),
        Just("</script><b>`|"),
        Just("%0A%0D"),
        Just("a"),
    ];
    proptest::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

/// A program that says `text` wherever a program says something; twice, with a difference between.
fn saying(text: &str, changed: bool) -> Manifest {
    let said = |place: &str| format!("{text}{place}");
    let name = |place: &str, grants: Vec<String>, includes: Vec<String>| Name {
        name: said(place),
        variant: said("variant"),
        doc: said("doc"),
        includes,
        excludes: Vec::new(),
        grants,
    };
    let role = |place: &str| Requirement::Role(said(place));
    let clerk = || Requirement::All(vec![role("clerk"), Requirement::Acr(said("acr"))]);
    let named = Requirement::Rule {
        name: said("rule"),
        requires: Box::new(Requirement::Any(vec![role("boss"), Requirement::Mfa])),
    };
    let function = |place: &str, kind: &str, requirement: Requirement| Function {
        id: said(place),
        policy: said("policy"),
        file: said("file"),
        line: 7,
        kind: kind.to_owned(),
        requirement,
        reason: (kind != "requires").then(|| said("reason")),
        route: Some(format!("GET /{}", said("route"))),
        shadow: None,
        doc: Some(said("doc")),
        object: None,
    };
    let mut orders = function("orders", "requires", if changed { named } else { clerk() });
    orders.object = Some(Object::owner(Some(role(if changed { "clerk" } else { "boss" }))));
    orders.shadow = Some(Requirement::Rule { name: said("shadow"), requires: Box::new(clerk()) });
    let kind = if changed { "manual" } else { "requires" };
    let body = if changed { Requirement::Authenticated } else { role("clerk") };
    let new = if changed { "new" } else { "gone" };
    let mask = if changed { None } else { Some(role("boss")) };
    let field = Field { name: said("field"), read: mask, write: Some(role("clerk")) };
    let grants = if changed { vec![said("scope")] } else { Vec::new() };
    Manifest {
        format: 1,
        policies: vec![Policy {
            id: said("policy"),
            roles: vec![
                name("boss", vec![said("scope")], vec![said("clerk")]),
                name("clerk", grants, Vec::new()),
                name("nobody", Vec::new(), Vec::new()),
            ],
            scopes: vec![name("scope", Vec::new(), Vec::new())],
        }],
        functions: vec![
            function("body", kind, body),
            function("health", "public", Requirement::Anyone),
            function(new, "requires", Requirement::Scope(said("scope"))),
            orders,
        ],
        resources: vec![Resource {
            id: said("Order"),
            policy: Some(said("policy")),
            file: said("file"),
            line: 3,
            owner: Some(said(if changed { "seller" } else { "owner" })),
            issuer: Some(said("issuer")),
            tenant: None,
            fields: vec![field],
        }],
    }
    .with_distinct_ids()
    .unwrap()
}

/// A log of decisions about it, and a line that is none.
fn log(said: &str) -> String {
    let line = |outcome: &str, function: &str, role: &str| {
        json!({
            "format": 1, "at": format!("2026-01-01{said}"), "outcome": outcome, "kind": "requires",
            "function": format!("{said}{function}"), "policy": format!("{said}policy"), "requirement": said,
            "who": { "issuer": said, "subject": said, "client": said, "by": "access_token" },
            "held": { "roles": [format!("{said}{role}")], "acr": format!("{said}acr"), "scopes": [format!("{said}scope")] },
            "detail": said,
        })
        .to_string()
    };
    let lines = [
        line("granted", "orders", "nobody"),
        line("granted", "body", "clerk"),
        line("denied", "lost", "clerk"),
    ];
    format!("{}\nnothing\n", lines.join("\n"))
}

/// Every command and form, for what they print.
fn commands(said: &str) -> Vec<Vec<String>> {
    let id = |place: &str| text::shown(&format!("{said}{place}"));
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let on = |text: &str| [words(text), words("--program now")].concat();
    let with = |text: &str, more: &[String]| [on(text), more.to_vec()].concat();
    let mut commands = vec![
        on("manifest"),
        on("manifest --format json"),
        on("can --nobody"),
        on("report --output -"),
        on("openapi"),
        on("openapi --document api.json"),
        on("replay log.jsonl"),
        on("replay log.jsonl --format json"),
        on("usage log.jsonl"),
        on("usage log.jsonl --format json"),
        on("check --lock edited.lock"),
        // What is not there is named as it was written.
        with("who", &[format!("{said}nowhere")]),
        with("can --role", &[format!("{said}no-role")]),
    ];
    for form in ["human", "json"] {
        commands.push(with(&format!("who --format {form}"), &[id("orders")]));
        commands
            .push(with(&format!("why --format {form} --mfa --role"), &[id("boss"), id("orders")]));
        commands.push(with(&format!("can --format {form} --role"), &[id("boss")]));
    }
    for form in ["human", "json", "github", "sarif", "markdown"] {
        commands.push(on(&format!("check --format {form}")));
        commands.push(on(&format!("lint --format {form}")));
        commands.push(words(&format!("diff before now --format {form}")));
    }
    commands
}

fn ready(folder: &Path, said: &str) {
    let write = |name: &str, manifest: &Manifest| {
        std::fs::write(folder.join(name), program(&records(manifest))).unwrap();
    };
    write("before", &saying(said, false));
    write("now", &saying(said, true));
    std::fs::write(folder.join("log.jsonl"), log(said)).unwrap();
    let path = format!("/{said}path");
    let document = json!({ "openapi": "3.1.0", "paths": { path: { "get": { "summary": said } } } });
    std::fs::write(folder.join("api.json"), document.to_string()).unwrap();
    drop(std::fs::remove_file(folder.join("authz.lock")));
    let (_, told, code) = printed(&run(folder, &["lock", "--program", "before"]));
    assert_eq!(code, 0, "{told}");
    let lock = std::fs::read_to_string(folder.join("authz.lock")).unwrap();
    assert!(lock.chars().all(|one| one == '\n' || !is_hidden(one)), "{lock:?}");
    let (_, told, code) = printed(&run(folder, &["check", "--program", "before"]));
    assert_eq!(code, 0, "{told}");
    std::fs::write(folder.join("edited.lock"), lock.replacen("requires", "asks", 1)).unwrap();
}

/// How many lines each command printed, and its exit code.
fn answers(folder: &Path, said: &str) -> Vec<(usize, i32)> {
    let mut answers = Vec::new();
    for command in commands(said) {
        let arguments: Vec<_> = command.iter().map(String::as_str).collect();
        let (text, told, code) = printed(&run(folder, &arguments));
        let github = command.iter().any(|word| word == "github");
        for line in text.lines().chain(told.lines()) {
            assert!(!line.contains(is_hidden), "{command:?}: {line:?}");
            assert!(!line.contains("##["), "{command:?}: {line:?}");
            let runs = line.trim_start().starts_with("::");
            assert!(!runs || github, "{command:?}: {line:?}");
        }
        let lines = text.lines().count() + told.lines().count();
        answers.push((lines, code));
    }
    answers
}

proptest! {
    // Each case runs the tool three dozen times.
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_leaves_its_place(said in hostile()) {
        let folder = folder("hostile");
        ready(&folder, "z");
        let plain = answers(&folder, "z");
        ready(&folder, &said);
        prop_assert_eq!(answers(&folder, &said), plain, "{:?}", said);
    }
}
