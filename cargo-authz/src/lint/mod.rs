//! Lints: what is probably not meant, found in the manifest by its meaning.
//!
//! A lint has an id, a level and a page. Absent on purpose: taste. Each of them finds something
//! that does nothing, lets nobody in, or lets in more than it says.

mod config;
mod rules;

pub use config::{Config, Level};

use authz_manifest::Manifest;
use serde::Serialize;

use crate::failure::Failure;

/// One thing to look for.
#[derive(Debug, PartialEq, Eq)]
pub struct Lint {
    /// Its id: how it is configured and explained.
    pub id: &'static str,
    /// How it is taken where nothing is configured.
    pub level: Level,
    /// What it finds, in a sentence.
    pub finds: &'static str,
    /// Why that matters and what to do.
    pub page: &'static str,
}

macro_rules! lints {
    ($($name:ident = $id:literal, $level:ident, $finds:literal;)+) => {
        $(pub(crate) static $name: Lint = Lint {
            id: $id,
            level: Level::$level,
            finds: $finds,
            page: include_str!(concat!("pages/", $id, ".md")),
        };)+

        /// Every lint.
        pub static LINTS: &[&Lint] = &[$(&$name),+];
    };
}

lints! {
    EMPTY_REASON = "empty-reason", Warn,
        "a public or manual function whose reason says nothing";
    IMPLIED_PART = "implied-part", Warn,
        "a part of a requirement that changes nothing";
    MUTATION_BY_READ = "mutation-by-read", Warn,
        "a function that changes something and is guarded by a scope for reading only";
    NEVER_REQUIRED = "never-required", Warn,
        "a role or scope that no function requires";
    OPEN = "open", Warn,
        "a requirement that every identity meets";
    POWERLESS_ROLE = "powerless-role", Warn,
        "a role that opens nothing to whoever gets it";
    UNREACHABLE = "unreachable", Deny,
        "a function that nobody can call";
}

/// The lint of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.id == id).copied()
}

/// Something that a lint found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The id of the lint.
    pub lint: &'static str,
    /// How it is taken here.
    pub level: Level,
    /// The function, role or scope that it is about.
    pub subject: String,
    /// The source file of a function.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The line of the attribute of a function.
    pub line: u32,
    /// What is wrong and what to do.
    pub message: String,
}

/// Looks for everything that is not allowed by the configuration.
///
/// # Errors
///
/// When a requirement is too complex to decide.
pub fn run(manifest: &Manifest, config: &Config) -> Result<Vec<Finding>, Failure> {
    let mut findings = rules::all(manifest)?;
    findings.retain_mut(|finding| {
        finding.level = config.level(finding.lint, &finding.subject);
        finding.level != Level::Allow
    });
    findings.sort_by(|left, right| {
        let key = |finding: &Finding| (std::cmp::Reverse(finding.level), finding.lint);
        key(left).cmp(&key(right)).then_with(|| left.subject.cmp(&right.subject))
    });
    Ok(findings)
}
