//! How findings are printed.

mod github;
mod human;
mod json;
mod lints;
mod markdown;
mod sarif;

use clap::builder::styling::{AnsiColor, Style};

use crate::cli::Report;
use crate::drift::{Change, ChangeKind, Drift, Group, ResourceChange};

pub(crate) use lints::lints;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();

/// What stands around a list of changes.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// What to do about it, where something is.
    pub remedy: &'a str,
    /// The file that says how it was: where a change without a place of its own is marked.
    pub lock: &'a str,
    /// Its text, where it is at hand.
    pub lock_text: &'a str,
}

impl Around<'_> {
    /// The place in the lock of something that has no other one.
    fn in_lock(&self, stands: impl Fn(&str) -> bool) -> (&str, u32) {
        let line = self.lock_text.lines().position(stands);
        (self.lock, line.and_then(|line| u32::try_from(line + 1).ok()).unwrap_or(1))
    }

    /// The place of the stanza of a function or a resource.
    fn stanza(&self, id: &str) -> (&str, u32) {
        self.in_lock(|line| line == format!("id = \"{id}\""))
    }

    /// The place of a policy, or of a name in it.
    fn policy(&self, id: &str) -> (&str, u32) {
        self.in_lock(|line| line.starts_with("[policy.") && line.contains(id))
    }

    /// The place of a resource.
    fn resource<'b>(&'b self, change: &'b ResourceChange) -> (&'b str, u32) {
        if change.file.is_empty() { self.stanza(&change.id) } else { (&change.file, change.line) }
    }

    /// The place of a change: that of the function, else that of its stanza in the lock.
    fn place<'b>(&'b self, change: &'b Change) -> (&'b str, u32) {
        change.place().unwrap_or_else(|| self.stanza(change.id()))
    }
}

/// What changed, in the form asked for.
#[must_use]
pub fn drift(drift: &Drift, form: Report, around: Around<'_>) -> String {
    match form {
        Report::Human => human::drift(drift, around),
        Report::Json => json::drift(drift),
        Report::Github => github::drift(drift, around),
        Report::Sarif => sarif::drift(drift, around),
        Report::Markdown => markdown::drift(drift, around),
    }
}

/// Several answers of one form as one: below their names to read, in one value for programs.
pub(crate) fn together(texts: &[(Option<&str>, String)], form: Report) -> String {
    if let [(None, text)] = texts {
        return text.clone();
    }
    let named = |heading: fn(&str) -> String| {
        let changed = texts.iter().filter(|(_, text)| !text.is_empty());
        let texts: Vec<_> = changed
            .map(|(name, text)| format!("{}{text}", name.map(heading).unwrap_or_default()))
            .collect();
        texts.join("\n")
    };
    match form {
        Report::Human => named(|name| format!("{BOLD}{name}{BOLD:#}\n")),
        Report::Markdown => named(|name| format!("### {}\n\n", markdown::code(name))),
        Report::Github => texts.iter().map(|(_, text)| text.as_str()).collect(),
        Report::Json => json::together(texts),
        Report::Sarif => sarif::together(texts),
    }
}

/// `1 function`, `2 functions`
#[must_use]
pub(crate) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
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

/// What several functions have in common that changed by the policy: `2 functions widened by the policy`.
pub(crate) fn heading(group: &Group<'_>) -> String {
    let verdict = group.first().map(Change::verdict).unwrap_or_default();
    format!("{} {verdict}", counted(group.changes.len() as u64, "function"))
}

/// What one of them has of its own: the difference, and the witnesses.
pub(crate) fn of_its_own(change: &Change) -> String {
    let difference = Some(change.differences().join(", ")).filter(|words| !words.is_empty());
    difference.into_iter().chain(witnesses(change)).collect::<Vec<_>>().join(". ")
}

/// The verdict of a change with its witnesses, in a sentence or two.
pub(crate) fn sentence(change: &Change) -> String {
    let moved = change.moved_from().map(|from| format!(" (it was `{from}`)")).unwrap_or_default();
    let verdict = format!("{}: {}{moved}", change.id(), change.headline());
    [vec![verdict], witnesses(change)].concat().join(". ")
}

/// Who passes now, who passes no more, and whose objects are seen.
fn witnesses(change: &Change) -> Vec<String> {
    let mut words = Vec::new();
    match (&change.comparison.newly_allowed, change.kind) {
        // The verdict says it.
        (_, ChangeKind::Exposed) => {}
        (Some(caller), ChangeKind::New) => words.push(format!("Allowed: {caller}")),
        (None, ChangeKind::New) => words.push("Allowed: nobody".to_owned()),
        (Some(caller), _) => words.push(format!("Newly allowed: {caller}")),
        (None, _) => {}
    }
    if let Some(caller) = &change.comparison.newly_denied {
        words.push(format!("No longer allowed: {caller}"));
    }
    if let Some(caller) = &change.any_owner.newly_allowed {
        let newly = if change.before.is_some() { "Newly sees" } else { "Sees" };
        words.push(format!("{newly} the objects of any owner: {caller}"));
    }
    if let Some(caller) = &change.any_owner.newly_denied {
        words.push(format!("No longer sees the objects of any owner: {caller}"));
    }
    words
}
