//! For reading, in a terminal.

use std::fmt::Write as _;

use super::{BOLD, DIM, GREEN, RED, YELLOW, sentence, summary};
use crate::drift::{Change, ChangeKind, Drift};

pub(super) fn drift(drift: &Drift, remedy: &str) -> String {
    let mut text = String::new();
    for (about, change) in drift.in_words() {
        let _ = writeln!(text, "{YELLOW}{about}{YELLOW:#}: {change}");
    }
    for kind in ChangeKind::ALL {
        for change in drift.functions.iter().filter(|change| change.kind == kind) {
            write_change(&mut text, change);
        }
    }
    if !drift.is_empty() {
        let _ = writeln!(text, "\n{BOLD}{}{BOLD:#}", summary(drift));
        if !remedy.is_empty() {
            let _ = writeln!(text, "{remedy}");
        }
    }
    text
}

fn write_change(text: &mut String, change: &Change) {
    let colour = match change.kind {
        ChangeKind::Widened | ChangeKind::Both => RED,
        ChangeKind::New | ChangeKind::Narrowed => YELLOW,
        ChangeKind::Same | ChangeKind::Gone => DIM,
    };
    let sentence = sentence(change);
    let rest = sentence.strip_prefix(change.id()).unwrap_or_default();
    let _ = writeln!(text, "{BOLD}{}{BOLD:#}{colour}{rest}{colour:#}", change.id());
    if let Some(function) = change.now.as_ref().filter(|function| !function.file.is_empty()) {
        let _ = writeln!(text, "  {DIM}{}:{}{DIM:#}", function.file, function.line);
    }
    let (before, now) = change.lines();
    for line in before {
        let _ = writeln!(text, "  {RED}- {line}{RED:#}");
    }
    for line in now {
        let _ = writeln!(text, "  {GREEN}+ {line}{GREEN:#}");
    }
}
