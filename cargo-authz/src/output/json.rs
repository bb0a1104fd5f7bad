//! For programs.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::drift::{Change, ChangeKind, Drift, PolicyChange, ResourceChange};
use crate::identity::Caller;
use crate::meaning::Edit;
use crate::text;

/// The version of this form. Within a version, members are only added.
const FORMAT: u32 = 2;

#[derive(Serialize)]
struct RawDrift<'a> {
    format: u32,
    policies: Vec<Told<'a, PolicyChange>>,
    resources: Vec<Told<'a, ResourceChange>>,
    functions: Vec<RawChange<'a>>,
}

/// A change, with the words for it.
#[derive(Serialize)]
struct Told<'a, T> {
    #[serde(flatten)]
    change: &'a T,
    text: String,
}

#[derive(Serialize)]
struct RawChange<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_from: Option<&'a str>,
    verdict: ChangeKind,
    text: String,
    by_policy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newly_allowed: Option<&'a Caller>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_longer_needed: Option<&'a [Edit]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newly_denied: Option<&'a Caller>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now_needed: Option<&'a [Edit]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newly_sees_any_owner: Option<&'a Caller>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_longer_sees_any_owner: Option<&'a Caller>,
    removed: Vec<String>,
    added: Vec<String>,
}

pub(super) fn drift(drift: &Drift) -> String {
    text::json(&RawDrift {
        format: FORMAT,
        policies: drift.policies.iter().map(told).collect(),
        resources: drift.resources.iter().map(told).collect(),
        functions: drift.functions.iter().map(change).collect(),
    })
}

fn told<T: ToString>(change: &T) -> Told<'_, T> {
    Told { change, text: change.to_string() }
}

fn change(change: &Change) -> RawChange<'_> {
    let (removed, added) = change.lines();
    let place = change.place();
    RawChange {
        id: change.id(),
        moved_from: change.moved_from(),
        verdict: change.kind,
        text: change.headline(),
        by_policy: change.by_policy(),
        file: place.map(|(file, _)| file),
        line: place.map(|(_, line)| line),
        newly_allowed: change.comparison.newly_allowed.as_ref(),
        no_longer_needed: change.comparison.no_longer_needed.as_deref(),
        newly_denied: change.comparison.newly_denied.as_ref(),
        now_needed: change.comparison.now_needed.as_deref(),
        newly_sees_any_owner: change.any_owner.newly_allowed.as_ref(),
        no_longer_sees_any_owner: change.any_owner.newly_denied.as_ref(),
        removed,
        added,
    }
}

/// The answers by their names.
pub(super) fn together(texts: &[(Option<&str>, String)]) -> String {
    let of: Map<String, Value> = texts
        .iter()
        .map(|(name, text)| {
            (name.unwrap_or_default().to_owned(), serde_json::from_str(text).unwrap_or_default())
        })
        .collect();
    text::json(&json!({ "format": FORMAT, "of": of }))
}
