//! For reading, in a terminal.

use std::fmt::Write as _;

use clap::builder::styling::Style;

use super::{Around, BOLD, DIM, GREEN, RED, YELLOW, heading, of_its_own, sentence, summary};
use crate::drift::{Change, ChangeKind, Drift, Group};

pub(super) fn drift(drift: &Drift, around: Around<'_>) -> String {
    let mut text = String::new();
    for (about, change) in drift.in_words() {
        let _ = writeln!(text, "{YELLOW}{about}{YELLOW:#}: {change}");
    }
    for group in drift.groups() {
        match group.changes.as_slice() {
            [change] => write_change(&mut text, change),
            _ => write_group(&mut text, &group),
        }
    }
    if !drift.is_empty() {
        let _ = writeln!(text, "\n{BOLD}{}{BOLD:#}", summary(drift));
        if !around.remedy.is_empty() {
            let _ = writeln!(text, "{}", around.remedy);
        }
    }
    text
}

const fn colour(kind: ChangeKind) -> Style {
    match kind {
        ChangeKind::Exposed | ChangeKind::Widened | ChangeKind::Both => RED,
        ChangeKind::New | ChangeKind::Narrowed => YELLOW,
        ChangeKind::Rerouted | ChangeKind::Moved | ChangeKind::Same | ChangeKind::Gone => DIM,
    }
}

fn write_change(text: &mut String, change: &Change) {
    let colour = colour(change.kind);
    let sentence = sentence(change);
    let rest = sentence.strip_prefix(change.id()).unwrap_or_default();
    let _ = writeln!(text, "{BOLD}{}{BOLD:#}{colour}{rest}{colour:#}", change.id());
    if let Some((file, line)) = change.place() {
        let _ = writeln!(text, "  {DIM}{file}:{line}{DIM:#}");
    }
    let (before, now) = change.lines();
    for line in before {
        let _ = writeln!(text, "  {RED}- {line}{RED:#}");
    }
    for line in now {
        let _ = writeln!(text, "  {GREEN}+ {line}{GREEN:#}");
    }
}

fn write_group(text: &mut String, group: &Group<'_>) {
    let colour = group.first().map_or(DIM, |first| colour(first.kind));
    let _ = writeln!(text, "{colour}{}{colour:#}", heading(group));
    for change in &group.changes {
        let _ = write!(text, "  {BOLD}{}{BOLD:#}: {}", change.id(), of_its_own(change));
        if let Some((file, line)) = change.place() {
            let _ = write!(text, " {DIM}{file}:{line}{DIM:#}");
        }
        text.push('\n');
    }
}
