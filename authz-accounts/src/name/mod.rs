//! Names of accounts: one spelling for each, of characters that everybody sees.
//!
//! A name that is chosen is of the class (`class`). Names are looked up by their spelling alone, so that whoever
//! has a name from before logs in with it; `review` finds those.

mod class;
mod review;

pub use review::{NameReport, Names};

use unicode_normalization::UnicodeNormalization;

/// The longest name, in characters.
const LENGTH_LIMIT: usize = 128;

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// It is empty.
    #[error("a name is needed")]
    Empty,
    /// It is longer than 128 characters.
    #[error("a name has at most 128 characters")]
    TooLong,
    /// It has spaces or control characters.
    #[error("a name has no spaces and no control characters")]
    Character,
    /// It has a character that is no letter, digit or sign of ASCII, such as one that nobody sees.
    #[error(
        "`{}` can't stand in a name, since two names that differ by it could not be told apart; a name has \
         letters, digits, and signs such as `.`, `-` and `@`",
        .0.escape_unicode()
    )]
    Stranger(char),
}

/// A name that somebody chooses, in its one spelling: of the `IdentifierClass` of RFC 8264.
pub(crate) fn chosen(name: &str) -> Result<String, NameFault> {
    let name = normalized(name)?;
    class::stranger(&name).map_or(Ok(name), |character| Err(NameFault::Stranger(character)))
}

/// A name in the one spelling in which it is compared: NFKC and lower case, as in the profile
/// `UsernameCaseMapped` of RFC 8265.
pub(crate) fn normalized(name: &str) -> Result<String, NameFault> {
    // Before anything is done with it: a name of a megabyte is no name.
    if name.len() > LENGTH_LIMIT * 4 {
        return Err(NameFault::TooLong);
    }
    let name: String = name.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect();
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    if name.chars().count() > LENGTH_LIMIT {
        return Err(NameFault::TooLong);
    }
    if name.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(NameFault::Character);
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::{NameFault, chosen, normalized};

    #[test]
    fn spellings_of_one_name_are_one() {
        for spelling in ["ann", "ANN", " Ann ", "\u{ff21}nn"] {
            assert_eq!(normalized(spelling).unwrap(), "ann");
        }
        assert_eq!(normalized("Zoe\u{308}"), normalized("zo\u{eb}"));
        assert_eq!(normalized("ann@example.com").unwrap(), "ann@example.com");
    }

    #[test]
    fn names_that_look_the_same_are_one_or_none() {
        let hidden =
            ['\u{200b}', '\u{200d}', '\u{2060}', '\u{202e}', '\u{34f}', '\u{e0061}', '\u{115f}'];
        for character in hidden {
            assert_eq!(chosen(&format!("ann{character}")), Err(NameFault::Stranger(character)));
        }
        for name in [
            "ann",
            "ann.lee+shop@example.com",
            "zoë",
            "Ελένη",
            "Анна",
            "נועה",
            "محمد",
            "美咲",
            "𞤀𞤣",
            "अनु",
        ] {
            assert!(chosen(name).is_ok(), "{name}: {:?}", chosen(name));
        }
        let told = NameFault::Stranger('\u{202e}').to_string();
        assert!(told.starts_with(r"`\u{202e}` can't stand in a name, since two names"), "{told}");
    }

    #[test]
    fn what_is_no_name_is_told() {
        assert_eq!(normalized("  "), Err(NameFault::Empty));
        assert_eq!(normalized(&"a".repeat(129)), Err(NameFault::TooLong));
        assert_eq!(normalized(&"a".repeat(1 << 20)), Err(NameFault::TooLong));
        assert_eq!(normalized("a b"), Err(NameFault::Character));
        assert_eq!(normalized("a\0b"), Err(NameFault::Character));
    }
}
