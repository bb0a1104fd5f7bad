//! For programs.

use serde::Serialize;

use crate::drift::{Change, ChangeKind, Drift};
use crate::identity::Caller;
use crate::text;

/// The version of this form. Within a version, members are only added.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct RawDrift<'a> {
    format: u32,
    policies: &'a [String],
    resources: &'a [String],
    functions: Vec<RawChange<'a>>,
}

#[derive(Serialize)]
struct RawChange<'a> {
    id: &'a str,
    verdict: ChangeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newly_allowed: Option<&'a Caller>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newly_denied: Option<&'a Caller>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newly_sees_any_owner: Option<&'a Caller>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_longer_sees_any_owner: Option<&'a Caller>,
    removed: Vec<String>,
    added: Vec<String>,
}

pub(super) fn drift(drift: &Drift) -> String {
    let functions = drift.functions.iter().map(change).collect();
    let Drift { policies, resources, .. } = drift;
    let raw = RawDrift { format: FORMAT, policies, resources, functions };
    text::json(&raw)
}

fn change(change: &Change) -> RawChange<'_> {
    let (removed, added) = change.lines();
    let placed = change.now.as_ref().filter(|function| !function.file.is_empty());
    RawChange {
        id: change.id(),
        verdict: change.kind,
        file: placed.map(|function| function.file.as_str()),
        line: placed.map(|function| function.line),
        newly_allowed: change.comparison.newly_allowed.as_ref(),
        newly_denied: change.comparison.newly_denied.as_ref(),
        newly_sees_any_owner: change.any_owner.newly_allowed.as_ref(),
        no_longer_sees_any_owner: change.any_owner.newly_denied.as_ref(),
        removed,
        added,
    }
}
