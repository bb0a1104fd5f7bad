//! The text of records: what a caller can choose, bounded, and times.
//!
//! INVARIANT: what a caller can choose is escaped, has no control characters and an end. A line of
//! the log is one decision, whatever was in the token.

use std::time::Duration;

pub use authz_manifest::decision::{
    Dropped, FORMAT, HIDDEN, Held, HiddenObjects, Lacking, Record, Shadowed, Who,
};

use crate::requirement::Missing;

/// As many characters of what a token or a request says are written down.
const LENGTH_LIMIT: usize = 256;

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
