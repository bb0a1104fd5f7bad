//! What each command does, from the arguments to the text of the answer.

mod compare;
mod diff;
mod identity;
mod inspect;
mod lint;
mod openapi;
mod replay;
mod report;
mod usage;

pub use compare::{check, lock};
pub use diff::diff;
pub use inspect::{can, manifest, who, why};
pub use lint::lint;
pub use openapi::openapi;
pub use replay::replay;
pub use report::report;
pub use usage::usage;

use authz_manifest::{Function, Manifest};

use crate::drift::no_policy;
use crate::failure::Failure;
use crate::meaning::{Side, Vocabulary};
use crate::text;

/// What a command answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The answer, for the standard output.
    pub text: String,
    /// A word beside it, for whoever watches.
    pub note: Option<String>,
    /// Whether it is a "no".
    pub finding: bool,
}

impl Answer {
    pub(crate) fn of(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    pub(crate) fn json(value: &impl serde::Serialize) -> Self {
        Self::of(text::json(value))
    }
}

/// The function of this name: its whole path, or the end of it, with modules left out at will.
fn find<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a Function, Failure> {
    let ids = |functions: &[&Function]| {
        let ids: Vec<_> = functions.iter().map(|function| place(function)).collect();
        ids.join(", ")
    };
    let exact: Vec<_> = manifest.functions.iter().filter(|function| function.id == name).collect();
    let found = if exact.is_empty() {
        manifest.functions.iter().filter(|function| ends_like(&function.id, name)).collect()
    } else {
        exact
    };
    match found.as_slice() {
        [function] => Ok(function),
        [] => Err(Failure::Unknown(unknown(
            "guarded function",
            name,
            manifest.functions.iter().map(|function| function.id.as_str()),
        ))),
        several => Err(Failure::Ambiguous(format!(
            "`{name}` may be any of {}; write more of the path",
            ids(several)
        ))),
    }
}

/// `crate::module::function (src/file.rs:7)`
fn place(function: &Function) -> String {
    if function.file.is_empty() {
        format!("`{}`", function.id)
    } else {
        format!("`{}` ({}:{})", function.id, function.file, function.line)
    }
}

/// Whether the last segments are equal, and the others are found in their order.
fn ends_like(id: &str, name: &str) -> bool {
    let mut segments = id.rsplit("::");
    let mut wanted = name.rsplit("::");
    wanted.next() == segments.next() && wanted.all(|want| segments.any(|segment| segment == want))
}

/// The sentence about a name that is not there.
fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let last = |name: &'a str| name.rsplit("::").next().unwrap_or(name);
    let mut known: Vec<_> = known.collect();
    known.sort_unstable();
    let close = known
        .iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(
                    last(candidate),
                    name.rsplit("::").next().unwrap_or(name),
                ),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= 3)
        .min();
    match close {
        Some((_, close)) => format!("unknown {kind} `{name}`; did you mean `{close}`?"),
        None if known.is_empty() => format!("unknown {kind} `{name}`; there is none at all"),
        None => {
            let shown: Vec<_> = known.iter().take(8).map(|name| format!("`{name}`")).collect();
            let more = if known.len() > shown.len() { ", …" } else { "" };
            format!("unknown {kind} `{name}`; there are {}{more}", shown.join(", "))
        }
    }
}

/// The vocabulary that a function stands under.
fn vocabulary(manifest: &Manifest, function: &Function) -> Result<Vocabulary, Failure> {
    let policy = manifest.policies.iter().find(|policy| policy.id == function.policy);
    policy.map(Vocabulary::new).ok_or_else(|| no_policy(function))
}

fn side<'a>(vocabulary: &'a Vocabulary, function: &'a Function) -> Side<'a> {
    Side { vocabulary, public: function.kind == "public", requirement: &function.requirement }
}

fn too_complex(function: &Function) -> Failure {
    Failure::TooComplex { function: function.id.clone() }
}
