//! Collects every fault of an item, so that the user sees all of them at once, and words the
//! parts of a message that recur.
//!
//! Shape of a message: lower case, no final stop, the user's text in backticks; what is wrong,
//! why, and what to write.

use proc_macro2::Span;
use syn::Error;

/// The faults found so far. [`finish`](Self::finish) has to be called: a collection that is
/// dropped unread would swallow errors.
#[must_use]
pub(crate) struct Errors {
    found: Option<Error>,
    read: bool,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self { found: None, read: false }
    }

    /// Notes a fault at `span`.
    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    /// Whether nothing was found yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_none()
    }

    /// Takes over what was found in a part, and says whether that was anything.
    pub(crate) fn absorb(&mut self, part: Self) -> bool {
        match part.finish() {
            Ok(()) => false,
            Err(error) => {
                self.push(error);
                true
            }
        }
    }

    /// Ends the collection at the border of a stage: the faults, or leave to go on.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.read = true;
        self.found.take().map_or(Ok(()), Err)
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        // A panic inside a panic would hide the first one.
        debug_assert!(self.read || std::thread::panicking(), "errors were collected and not read");
    }
}

/// The name among `names` that was probably meant by `word`.
pub(crate) fn closest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    // The beginning of a name is a name half typed.
    if word.len() > 1
        && let Some(name) = names.iter().find(|name| name.starts_with(&word))
    {
        return Some(name);
    }
    names
        .iter()
        .map(|name| (distance(&word, name), *name))
        .filter(|(distance, name)| *distance <= (1 + name.len()) / 3)
        .min()
        .map(|(_, name)| name)
}

/// A character as the user wrote it, or its escape where it can't be seen.
pub(crate) fn shown(character: char) -> String {
    match character {
        '"' | '\\' | '\'' => character.to_string(),
        other => other.escape_debug().to_string(),
    }
}

/// The number of letters to insert, delete, replace or swap with a neighbour.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=right.len()).collect();
    for i in 1..=left.len() {
        for j in 1..=right.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[left.len()][right.len()]
}

/// `` `a`, `b` or `c` ``
pub(crate) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// `; did you mean …?` where something is close, else nothing.
pub(crate) fn did_you_mean(word: &str, names: &[&str]) -> String {
    closest(word, names).map_or(String::new(), |name| format!("; did you mean `{name}`?"))
}
