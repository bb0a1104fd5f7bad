//! `authz.toml`: how the lints are taken here.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{LINTS, find};
use crate::failure::Failure;

/// How a lint is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is not looked at.
    Allow,
    /// It is told.
    Warn,
    /// It is told, and the command exits with 1.
    Deny,
}

/// The levels of the lints.
#[derive(Clone, Debug, Default)]
pub struct Config {
    lints: BTreeMap<String, Setting>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    #[serde(default)]
    lints: BTreeMap<String, Setting>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a lint is `\"allow\"`, `\"warn\"`, `\"deny\"`, or `{ level, except }`"
)]
enum Setting {
    Level(Level),
    Detailed(Detailed),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Detailed {
    level: Option<Level>,
    /// Functions, roles or scopes that the lint passes over.
    #[serde(default)]
    except: Vec<String>,
}

impl Config {
    /// The configuration at `path`; that of no file where there is none.
    ///
    /// # Errors
    ///
    /// When the file can't be read, or names a lint or a level that there is not.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Failure::unreadable(path, error)),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, Failure> {
        let unusable = |reason: String| Failure::Unusable { path: path.to_owned(), reason };
        let raw: RawConfig = toml::from_str(text).map_err(|error| {
            let place = error.span().and_then(|span| text.get(..span.start));
            let line = place.map_or(1, |before| before.matches('\n').count() + 1);
            unusable(format!("line {line}: {}", error.message()))
        })?;
        if let Some(id) = raw.lints.keys().find(|id| find(id).is_none()) {
            let ids: Vec<_> = LINTS.iter().map(|lint| format!("`{}`", lint.id)).collect();
            return Err(unusable(format!("there is no lint `{id}`; there are {}", ids.join(", "))));
        }
        Ok(Self { lints: raw.lints })
    }

    /// How a finding about `subject` is taken.
    pub(super) fn level(&self, id: &str, subject: &str) -> Level {
        let usual = find(id).map_or(Level::Deny, |lint| lint.level);
        match self.lints.get(id) {
            None => usual,
            Some(Setting::Level(level)) => *level,
            Some(Setting::Detailed(detailed)) => {
                if detailed.except.iter().any(|except| except == subject) {
                    Level::Allow
                } else {
                    detailed.level.unwrap_or(usual)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Level};

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, "authz.toml".as_ref()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_lint_has_a_level_and_exceptions() {
        let config = parse(
            "[lints]\nopen = \"deny\"\nunreachable = { except = [\"a\"] }\n\
             never-required = { level = \"deny\", except = [\"b\"] }\n",
        );
        let Ok(config) = config else { return assert_eq!(config.err(), None) };
        assert_eq!(config.level("open", "x"), Level::Deny);
        assert_eq!(config.level("unreachable", "a"), Level::Allow);
        assert_eq!(config.level("unreachable", "b"), Level::Deny);
        assert_eq!(config.level("never-required", "a"), Level::Deny);
        assert_eq!(config.level("never-required", "b"), Level::Allow);
        assert_eq!(config.level("powerless-role", "a"), Level::Warn);
    }

    #[test]
    fn what_is_not_known_is_an_error_with_its_line() {
        for (text, expected) in [
            ("[lint]", "line 1: unknown field `lint`, expected `lints`"),
            ("[lints]\n\nopen = \"of course\"", "line 3: a lint is `\"allow\"`"),
            ("[lints]\nopens = \"deny\"", "there is no lint `opens`; there are `empty-reason`"),
        ] {
            let error = parse(text).err().unwrap_or_default();
            assert!(error.contains(expected), "{error}");
        }
    }
}
