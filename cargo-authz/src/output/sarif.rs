//! SARIF 2.1.0, for code scanning.
//!
//! INVARIANT: every result names a rule that is declared and has one physical location, and a fingerprint by what it
//! is about; a scanner refuses the whole file otherwise. Absent on purpose: results beyond what GitHub takes of
//! one run. Those that give somebody something come first.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Around, sentence};
use crate::drift::{Change, ChangeKind, Drift};
use crate::text;

/// The greatest number of results in a run that GitHub takes.
const MAX_RESULTS: usize = 25_000;

pub(super) fn drift(drift: &Drift, around: Around<'_>) -> String {
    let kinds = ChangeKind::ALL.iter().map(|kind| {
        let text = format!("Who may call a function: {}.", kind.words());
        rule(&id(*kind), &text, level(*kind))
    });
    let words = [
        rule("access/policy", "What changed in the names of a policy.", "warning"),
        rule("access/resource", "What changed in whose a resource is.", "warning"),
    ];
    let rules: Vec<_> = kinds.chain(words).collect();
    let functions = drift.groups().into_iter().flat_map(|group| group.changes);
    let functions = functions.map(|change| of_function(change, around));
    let policies = drift.policies.iter().map(|change| {
        let text = change.to_string();
        result(("access/policy", "warning"), &text, around.policy(&change.policy), &text)
    });
    let resources = drift.resources.iter().map(|change| {
        let place = around.resource(change);
        result(("access/resource", "warning"), &change.to_string(), place, &change.id)
    });
    let results: Vec<_> = functions.chain(policies).chain(resources).collect();
    log(&rules, results)
}

/// A log with one run.
pub(super) fn log(rules: &[Value], mut results: Vec<Value>) -> String {
    results.truncate(MAX_RESULTS);
    let driver = json!({
        "name": "cargo-authz",
        "version": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "rules": rules,
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "results": results }],
    });
    text::json(&log)
}

/// A rule that results name.
pub(super) fn rule(id: &str, finds: &str, level: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": finds },
        "fullDescription": { "text": finds },
        "help": { "text": finds },
        "defaultConfiguration": { "level": level },
    })
}

/// A result of a rule with a level, at a place; `about` is what makes it the same one tomorrow.
pub(super) fn result(
    (rule, level): (&str, &str),
    message: &str,
    place: (&str, u32),
    about: &str,
) -> Value {
    let (file, line) = place;
    let fingerprint = authz_manifest::digest(&format!("{rule} {about}"));
    json!({
        "ruleId": rule,
        "level": level,
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line.max(1) },
        } }],
        "partialFingerprints": { "primaryLocationLineHash": format!("{fingerprint:032x}") },
    })
}

/// A path as a relative reference of a URI (RFC 3986 section 4.2).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

const fn level(kind: ChangeKind) -> &'static str {
    if kind.widens() { "error" } else { "warning" }
}

fn id(kind: ChangeKind) -> String {
    let word = match kind {
        ChangeKind::Exposed => "exposed",
        ChangeKind::Widened => "widened",
        ChangeKind::Both => "both",
        ChangeKind::New => "new",
        ChangeKind::Narrowed => "narrowed",
        ChangeKind::Rerouted => "rerouted",
        ChangeKind::Moved => "moved",
        ChangeKind::Same => "same",
        ChangeKind::Gone => "gone",
    };
    format!("access/{word}")
}

fn of_function(change: &Change, around: Around<'_>) -> Value {
    let rule = id(change.kind);
    let place = around.place(change);
    result((&rule, level(change.kind)), &sentence(change), place, change.id())
}

/// One run with the results of all: code scanning takes one of each tool.
pub(super) fn together(texts: &[(Option<&str>, String)]) -> String {
    let mut logs = texts.iter().filter_map(|(_, text)| serde_json::from_str::<Value>(text).ok());
    let Some(mut log) = logs.next() else { return log(&[], Vec::new()) };
    for mut other in logs {
        let results = |log: &mut Value| log.pointer_mut("/runs/0/results").map(Value::take);
        let more = results(&mut other).and_then(|more| more.as_array().cloned());
        if let Some(all) = log.pointer_mut("/runs/0/results").and_then(Value::as_array_mut) {
            all.extend(more.into_iter().flatten());
            all.truncate(MAX_RESULTS);
        }
    }
    text::json(&log)
}
