//! How findings are printed.

mod github;
mod human;
mod json;
mod lints;
mod markdown;
mod sarif;

use clap::builder::styling::{AnsiColor, Style};

use crate::cli::Report;
use crate::drift::{ChangeKind, Drift};

pub(crate) use lints::lints;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();

/// What changed, in the form asked for. `remedy` says what to do about it, where something is.
#[must_use]
pub fn drift(drift: &Drift, form: Report, remedy: &str) -> String {
    match form {
        Report::Human => human::drift(drift, remedy),
        Report::Json => json::drift(drift),
        Report::Github => github::drift(drift, remedy),
        Report::Sarif => sarif::drift(drift),
        Report::Markdown => markdown::drift(drift, remedy),
    }
}

/// `1 widened, 2 gone`
fn summary(drift: &Drift) -> String {
    let counts = ChangeKind::ALL.iter().map(|kind| (drift.count(*kind), kind.words()));
    let mut counts: Vec<_> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if !drift.policies.is_empty() {
        counts.push(format!("{} in the policy", drift.policies.len()));
    }
    if !drift.resources.is_empty() {
        counts.push(format!("{} in the resources", drift.resources.len()));
    }
    counts.join(", ")
}

/// The verdict of a change with its witnesses, in a sentence or two.
pub(crate) fn sentence(change: &crate::drift::Change) -> String {
    let mut words = vec![format!("{}: {}", change.id(), change.kind.words())];
    let comparison = &change.comparison;
    match (&comparison.newly_allowed, change.kind) {
        (Some(caller), ChangeKind::New) => words.push(format!("Allowed: {caller}")),
        (None, ChangeKind::New) => words.push("Allowed: nobody".to_owned()),
        (Some(caller), _) => words.push(format!("Newly allowed: {caller}")),
        (None, _) => {}
    }
    if let Some(caller) = &comparison.newly_denied {
        words.push(format!("No longer allowed: {caller}"));
    }
    if let Some(caller) = &change.any_owner.newly_allowed {
        words.push(format!("Newly sees the objects of any owner: {caller}"));
    }
    if let Some(caller) = &change.any_owner.newly_denied {
        words.push(format!("No longer sees the objects of any owner: {caller}"));
    }
    words.join(". ")
}
