//! A decision as it is written down: the members of a line of the log, and how their text is kept
//! from being more than that.
//!
//! INVARIANT: what a caller can choose is escaped, has no control characters and an end. A line of
//! the log is one decision, whatever was in the token.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest as hash};
use serde::{Deserialize, Serialize};

use crate::requirement::Missing;

/// The version of the records that [`Decision::record`](super::Decision::record) makes.
///
/// A reader refuses a greater one. Within a version, members are only added.
pub const FORMAT: u32 = 1;

/// The outcome of a record about objects that were hidden.
pub const HIDDEN: &str = "hidden";

/// As many characters of what a token or a request says are written down.
const LENGTH_LIMIT: usize = 256;

/// One decision, written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the format.
    pub format: u32,
    /// When: RFC 3339, in UTC.
    pub at: String,
    /// `granted`, the outcome of the denial in one word, or [`HIDDEN`].
    pub outcome: String,
    /// The id of the function.
    pub function: String,
    /// Its attribute: `requires` or `manual`.
    pub kind: String,
    /// The id of the policy it stands under.
    pub policy: String,
    /// What it required: a hash of the requirement, as
    /// [`manifest::Requirement::fingerprint`](crate::manifest::Requirement::fingerprint) makes it.
    pub requirement: String,
    /// The method of the request, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The template of the route, such as `/orders/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The id of the trace that the request belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// The id of the span in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// Who asked, if somebody is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// What they held, if somebody is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// What was lacking, if that was the reason of a denial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Lacking>,
    /// The reason of a denial in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What a stricter rule would have denied: `shadow = …`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadowed>,
    /// What the function found and did not show, with the outcome [`HIDDEN`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<HiddenObjects>,
    /// For how many decisions of its kind this one stands.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub one_in: u32,
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The issuer; a subject is unique within it only.
    pub issuer: String,
    /// The subject.
    pub subject: String,
    /// The tenant on whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What vouches for that: `access_token`, `introspection`, `authenticator`, or in tests `test`.
    pub by: String,
    /// The first half of the SHA-256 of the credential's id (`jti`), to tell one from another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// What an identity held when it was decided about: enough to decide again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The roles that the credentials name; what these include came with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The scopes that the credentials name, or that the roles grant where scopes come from these; what
    /// they include came with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Whether the scopes are those that the roles granted then, so that under other grants there would be
    /// others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scopes_of_roles: bool,
    /// Whether more than one factor was used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa: bool,
    /// Whether the credentials were bound to their sender, who proved it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bound: bool,
    /// The authentication context class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The methods of authentication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// How many seconds ago the log-in was, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_age: Option<u64>,
}

/// What an identity lacked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    /// Roles of which each was needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Scopes of which each was needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Authentication context classes of which each was needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<String>,
    /// Whether another factor was needed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa: bool,
    /// Whether credentials bound to their sender were needed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bound: bool,
    /// The greatest age of the log-in, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// What the identity had and must not have, in the words of the attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
    /// The fields of the input that this was lacking for; none where it was for the call itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// A denial that was not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadowed {
    /// The rule that would have denied.
    pub rule: String,
    /// What it would have found lacking.
    pub missing: Lacking,
}

/// Objects that stayed sealed: the function was called, and they are not the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenObjects {
    /// The type of the objects: `crate::module::Order`.
    pub resource: String,
    /// How many.
    pub count: usize,
}

/// The line that says how many decisions are not in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The version of the format.
    pub format: u32,
    /// When that was noticed: RFC 3339, in UTC.
    pub at: String,
    /// How many there were since the last such line.
    pub dropped: u64,
}

impl From<&Missing> for Lacking {
    fn from(missing: &Missing) -> Self {
        let names = |names: &[&'static str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            roles: names(&missing.roles),
            scopes: names(&missing.scopes),
            acr: names(&missing.acr),
            mfa: missing.mfa,
            bound: missing.bound,
            max_age: missing.max_age,
            excluded: missing.excluded.clone(),
            fields: names(&missing.fields),
        }
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_one(number: &u32) -> bool {
    *number == 1
}

/// A text as it may stand in a log: no control characters, none that turn the direction of writing,
/// and not more than so many.
pub(super) fn bounded(text: &str) -> String {
    let mut characters = text.chars();
    let mut kept: String = characters.by_ref().take(LENGTH_LIMIT).map(shown).collect();
    if characters.next().is_some() {
        kept.push('…');
    }
    kept
}

/// JSON escapes control characters up to U+001F. A terminal listens to others as well.
fn shown(character: char) -> char {
    match character {
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => '\u{fffd}',
        control if control.is_control() => '\u{fffd}',
        other => other,
    }
}

/// The first half of the SHA-256 of a text.
pub(crate) fn digest(text: &str) -> u128 {
    let digest = hash(&SHA256, text.as_bytes());
    digest.as_ref().first_chunk().copied().map_or(0, u128::from_be_bytes)
}

/// A time since 1970 by RFC 3339: `2026-11-28T15:02:07.123456Z`.
pub(super) fn timestamp(since_1970: Duration) -> String {
    let (seconds, micros) = (since_1970.as_secs(), since_1970.subsec_micros());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day of a day since 1970 in the Gregorian calendar.
///
/// Years are taken from March to February, so that the day that some years have is the last one; 400
/// years have 146,097 days.
fn date(days: u64) -> (u64, u64, u64) {
    // From 1 March of the year 0.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (400 * era + year_of_era + next, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{bounded, timestamp};

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, "2000-02-28T23:59:59.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (951_868_800, "2000-03-01T00:00:00.000000Z"),
            (1_800_000_000, "2027-01-15T08:00:00.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000000Z"),
        ] {
            assert_eq!(timestamp(Duration::from_secs(seconds)), text);
        }
        let precise = Duration::new(1_800_000_000, 123_456_789);
        assert_eq!(timestamp(precise), "2027-01-15T08:00:00.123456Z");
        // The clock before 1970 reads as the end of time, and must not stop the process.
        assert!(timestamp(Duration::MAX).ends_with('Z'));
    }

    #[test]
    fn no_text_is_more_than_text() {
        assert_eq!(bounded("Jürgen \"J\" O'Neill"), "Jürgen \"J\" O'Neill");
        assert_eq!(
            bounded("a\nb\u{1b}[31m\u{9b}2J\u{7f}\u{202e}\u{2028}"),
            "a\u{fffd}b\u{fffd}[31m\u{fffd}2J\u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(bounded(&"ä".repeat(256)), "ä".repeat(256));
        assert_eq!(bounded(&"ä".repeat(1_000_000)), "ä".repeat(256) + "…");
    }
}
