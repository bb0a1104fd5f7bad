//! Texts of programs, locks, logs and documents as they may be shown.
//!
//! INVARIANT: whatever is read goes through here before it is shown, in every form: nothing in it moves a
//! terminal, turns the direction of a line, begins a line of its own, or is a command to whoever runs the
//! tool. Two texts stay two. Absent on purpose: the escapes of each form (HTML, Markdown, annotations), which
//! stand where the form is written.

use std::fmt::Write as _;

use authz_manifest::Manifest;
use authz_manifest::text::is_hidden;
use serde_json::Value;

/// What a runner of workflows takes for a command wherever it stands in a line, and how it is shown.
const COMMAND: (&str, &str) = ("##[", "#\\u{23}[");

/// What begins a command at the beginning of a line, behind spaces too.
const LINE_COMMAND: &str = "::";

/// Returns the text as it may be shown, also at the beginning of a line.
#[must_use]
pub fn shown(text: &str) -> String {
    without_commands(&authz_manifest::text::shown(text))
}

fn without_commands(text: &str) -> String {
    let text = text.replace(COMMAND.0, COMMAND.1);
    let spaces = text.len() - text.trim_start().len();
    let start = text.split_at_checked(spaces);
    match start.and_then(|(spaces, rest)| Some((spaces, rest.strip_prefix(LINE_COMMAND)?))) {
        Some((spaces, rest)) => format!("{spaces}\\u{{3a}}:{rest}"),
        None => text,
    }
}

/// Returns lines of our own as they may be shown. What was read and stands in them may be escaped already, and is
/// not escaped again.
#[must_use]
pub fn lines(text: &str) -> String {
    let line = |line: &str| {
        let mut shown = String::with_capacity(line.len());
        for character in line.chars() {
            if is_hidden(character) {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
            } else {
                shown.push(character);
            }
        }
        without_commands(&shown)
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Returns a manifest with every text in it as it may be shown.
#[must_use]
pub fn manifest(manifest: Manifest) -> Manifest {
    // By way of its JSON, so that no member is forgotten. Most have nothing to escape.
    let plain = serde_json::to_string(&manifest).is_ok_and(|text| {
        !text.contains(is_hidden)
            && !text.contains(['\\', '#'])
            && !text
                .split(LINE_COMMAND)
                .any(|before| before.ends_with(|last: char| last == '"' || last.is_whitespace()))
    });
    if plain {
        return manifest;
    }
    let shown = serde_json::to_value(&manifest).map(value);
    // What was a manifest is one afterwards: texts became texts.
    shown.and_then(serde_json::from_value).unwrap_or(manifest)
}

/// Returns a value with every text in it as it may be shown; its members keep their names.
fn value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(shown(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(self::value).collect()),
        Value::Object(members) => Value::Object(
            members.into_iter().map(|(name, member)| (name, self::value(member))).collect(),
        ),
        other => other,
    }
}

/// Writes a value as JSON in which every character is seen.
#[must_use]
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    // The types here have no maps with other keys than texts, so nothing fails.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut json = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        // Between the values are spaces and newlines; what else is hidden stands in a text.
        if is_hidden(character) && character != '\n' {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string does not fail.
                let _ = write!(json, "\\u{unit:04x}");
            }
        } else {
            json.push(character);
        }
    }
    json.push('\n');
    // No brackets of JSON stand behind such a sign: it is in a text, too.
    json.replace(COMMAND.0, "#\\u0023[")
}
