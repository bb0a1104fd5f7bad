//! A comment on a pull request.

use std::fmt::Write as _;

use super::summary;
use crate::drift::{Change, ChangeKind, Drift};
use crate::identity::Caller;

pub(super) fn drift(drift: &Drift, remedy: &str) -> String {
    if drift.is_empty() {
        return "**Access:** no change.\n".to_owned();
    }
    let mut text = format!("**Access:** {}.\n", summary(drift));
    if drift.in_words().next().is_some() {
        text.push('\n');
    }
    for (_, change) in drift.in_words() {
        let _ = writeln!(text, "- {}", escaped(change));
    }
    if !drift.functions.is_empty() {
        text.push_str("\n| function | | newly allowed | no longer allowed |\n|---|---|---|---|\n");
    }
    for kind in ChangeKind::ALL {
        for change in drift.functions.iter().filter(|change| change.kind == kind) {
            write_change(&mut text, change);
        }
    }
    if !remedy.is_empty() {
        let _ = writeln!(text, "\n{}", escaped(remedy));
    }
    text
}

fn write_change(text: &mut String, change: &Change) {
    let caller = |caller: &Option<Caller>, any_owner: &Option<Caller>| {
        let caller = caller.as_ref().map(ToString::to_string);
        let of_any =
            any_owner.as_ref().map(|caller| format!("to the objects of any owner: {caller}"));
        let told: Vec<_> = caller.into_iter().chain(of_any).collect();
        escaped(&told.join("; "))
    };
    let verdict = change.kind.words();
    let verdict = if change.kind.widens() { format!("**{verdict}**") } else { verdict.to_owned() };
    let _ = writeln!(
        text,
        "| `{}` | {verdict} | {} | {} |",
        change.id(),
        caller(&change.comparison.newly_allowed, &change.any_owner.newly_allowed),
        caller(&change.comparison.newly_denied, &change.any_owner.newly_denied),
    );
}

/// Escapes what Markdown or HTML would take for their own.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '\n' | '\r' => escaped.push(' '),
            '|' | '*' | '_' | '[' | ']' | '\\' | '#' => escaped.extend(['\\', character]),
            other => escaped.push(other),
        }
    }
    escaped
}
