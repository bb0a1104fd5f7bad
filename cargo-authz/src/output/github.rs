//! Annotations on a pull request: the workflow commands of GitHub Actions.

use std::fmt::Write as _;

use super::{Around, heading, of_its_own, sentence, summary};
use crate::drift::{Change, Drift, Group};

pub(super) fn drift(drift: &Drift, around: Around<'_>) -> String {
    let mut text = String::new();
    for change in &drift.policies {
        let place = around.policy(&change.policy);
        annotate(&mut text, "warning", place, ("policy", &change.to_string()));
    }
    for change in &drift.resources {
        let place = around.resource(change);
        annotate(&mut text, "warning", place, ("resource", &change.to_string()));
    }
    for group in drift.groups() {
        let Some(first) = group.first() else { continue };
        let level = if first.kind.widens() { "error" } else { "warning" };
        let message = match group.changes.as_slice() {
            [change] => of_change(change),
            _ => of_group(&group),
        };
        annotate(&mut text, level, around.place(first), (first.kind.words(), &message));
    }
    if !drift.is_empty() {
        let message = [&summary(drift), around.remedy].map(str::to_owned);
        let message = message.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let _ = writeln!(text, "::notice title=authz::{}", data(&message.join("; ")));
    }
    text
}

fn annotate(
    text: &mut String,
    level: &str,
    (file, line): (&str, u32),
    (title, message): (&str, &str),
) {
    let (file, title) = (property(file), property(title));
    let _ = writeln!(
        text,
        "::{level} file={file},line={},title={title}::{}",
        line.max(1),
        data(message)
    );
}

/// The verdict, and below it what is written otherwise.
fn of_change(change: &Change) -> String {
    let (removed, added) = change.lines();
    let removed = removed.into_iter().map(|line| format!("- {line}"));
    let added = added.into_iter().map(|line| format!("+ {line}"));
    std::iter::once(sentence(change)).chain(removed).chain(added).collect::<Vec<_>>().join("\n")
}

/// What they have in common, and below it who they are.
fn of_group(group: &Group<'_>) -> String {
    let each =
        group.changes.iter().map(|change| format!("{}: {}", change.id(), of_its_own(change)));
    std::iter::once(heading(group)).chain(each).collect::<Vec<_>>().join("\n")
}

/// Escapes a message: what follows the second `::`.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property, which ends with a comma or a colon.
pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
