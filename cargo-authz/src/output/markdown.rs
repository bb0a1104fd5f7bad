//! A comment on a pull request.

use std::fmt::Write as _;

use super::{Around, heading, of_its_own, sentence, summary};
use crate::drift::{Change, Drift, Group};

pub(super) fn drift(drift: &Drift, around: Around<'_>) -> String {
    if drift.is_empty() {
        return "**Access:** no change.\n".to_owned();
    }
    let mut text = format!("**Access:** {}.\n\n", summary(drift));
    for (_, change) in drift.in_words() {
        let _ = writeln!(text, "- {}", escaped(&change));
    }
    for group in drift.groups() {
        match group.changes.as_slice() {
            [change] => write_change(&mut text, change),
            _ => write_group(&mut text, &group),
        }
    }
    if !around.remedy.is_empty() {
        let _ = writeln!(text, "\n{}", escaped(around.remedy));
    }
    text
}

fn write_change(text: &mut String, change: &Change) {
    let sentence = sentence(change);
    let rest = sentence.strip_prefix(change.id()).and_then(|rest| rest.strip_prefix(": "));
    let verdict = emphasized(change, rest.unwrap_or_default());
    let _ = writeln!(text, "- {}{}: {verdict}", code(change.id()), place(change));
    let (removed, added) = change.lines();
    if removed.is_empty() && added.is_empty() {
        return;
    }
    let removed = removed.iter().map(|line| format!("- {line}"));
    let added = added.iter().map(|line| format!("+ {line}"));
    let lines: Vec<_> = removed.chain(added).collect();
    let fence = "`".repeat(longest_run(&lines.join("\n")).max(2) + 1);
    let _ = writeln!(text, "\n  {fence}diff");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(text, "  {fence}\n");
}

fn write_group(text: &mut String, group: &Group<'_>) {
    let Some(first) = group.first() else { return };
    let _ = writeln!(text, "- {}", emphasized(first, &heading(group)));
    for change in &group.changes {
        let words = escaped(&of_its_own(change));
        let _ = writeln!(text, "  - {}{}: {words}", code(change.id()), place(change));
    }
}

/// The words of a verdict, with weight where somebody gains.
fn emphasized(change: &Change, words: &str) -> String {
    let verdict = change.verdict();
    let words = escaped(words);
    let verdict = escaped(&verdict);
    if change.kind.widens() {
        words.replacen(&verdict, &format!("**{verdict}**"), 1)
    } else {
        words
    }
}

fn place(change: &Change) -> String {
    change
        .place()
        .map(|(file, line)| format!(" ({})", code(&format!("{file}:{line}"))))
        .unwrap_or_default()
}

/// A text as code, with as many backticks around it as it takes.
pub(super) fn code(text: &str) -> String {
    // In a table a bar would end the cell, in code too.
    let text = text.replace('|', "\u{ff5c}");
    match longest_run(&text) {
        0 => format!("`{text}`"),
        run => {
            let ticks = "`".repeat(run + 1);
            format!("{ticks} {text} {ticks}")
        }
    }
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
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
