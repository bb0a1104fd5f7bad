//! SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};

use super::sentence;
use crate::drift::{Change, ChangeKind, Drift};
use crate::text;

pub(super) fn drift(drift: &Drift) -> String {
    let rules: Vec<_> = ChangeKind::ALL.iter().map(|kind| rule(*kind)).collect();
    let words = drift.in_words().map(|(about, change)| {
        let rule = format!("access/{about}");
        json!({ "ruleId": rule, "level": "warning", "message": { "text": change } })
    });
    let results: Vec<_> = words.chain(drift.functions.iter().map(result)).collect();
    log(&rules, &results)
}

/// A log with one run.
pub(super) fn log(rules: &[Value], results: &[Value]) -> String {
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

/// The place of a result.
pub(super) fn locations(file: &str, line: u32) -> Value {
    if file.is_empty() {
        return json!([]);
    }
    let uri = file.replace('\\', "/");
    json!([{ "physicalLocation": {
        "artifactLocation": { "uri": uri },
        "region": { "startLine": line.max(1) },
    } }])
}

fn rule(kind: ChangeKind) -> Value {
    let text = format!("Who may call a function: {}.", kind.words());
    json!({ "id": id(kind), "shortDescription": { "text": text } })
}

const fn id(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Widened => "access/widened",
        ChangeKind::Both => "access/both",
        ChangeKind::New => "access/new",
        ChangeKind::Narrowed => "access/narrowed",
        ChangeKind::Same => "access/same",
        ChangeKind::Gone => "access/gone",
    }
}

fn result(change: &Change) -> Value {
    let level = if change.kind.widens() { "error" } else { "warning" };
    let place = change.now.as_ref().map(|function| locations(&function.file, function.line));
    json!({
        "ruleId": id(change.kind),
        "level": level,
        "message": { "text": sentence(change) },
        "locations": place.unwrap_or_else(|| json!([])),
    })
}
