//! Annotations on a pull request: the workflow commands of GitHub Actions.

use std::fmt::Write as _;

use super::{sentence, summary};
use crate::drift::Drift;

pub(super) fn drift(drift: &Drift, remedy: &str) -> String {
    let mut text = String::new();
    for (about, change) in drift.in_words() {
        let _ = writeln!(text, "::warning title={about}::{}", data(change));
    }
    for change in &drift.functions {
        let level = if change.kind.widens() { "error" } else { "warning" };
        let place = change.now.as_ref().filter(|function| !function.file.is_empty());
        let place = place
            .map(|function| format!("file={},line={},", property(&function.file), function.line));
        let _ = writeln!(
            text,
            "::{level} {}title={}::{}",
            place.unwrap_or_default(),
            property(change.kind.words()),
            data(&sentence(change)),
        );
    }
    if !drift.is_empty() {
        let _ = writeln!(
            text,
            "::notice title=authz::{}",
            data(&format!("{}; {remedy}", summary(drift)))
        );
    }
    text
}

/// Escapes a message: what follows the second `::`.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property, which ends with a comma or a colon.
pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
