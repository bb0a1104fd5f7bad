//! Names of accounts: one spelling for each.

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
    use super::{NameFault, normalized};

    #[test]
    fn spellings_of_one_name_are_one() {
        for spelling in ["ann", "ANN", " Ann ", "\u{ff21}nn"] {
            assert_eq!(normalized(spelling).unwrap(), "ann");
        }
        assert_eq!(normalized("Zoe\u{308}"), normalized("zo\u{eb}"));
        assert_eq!(normalized("ann@example.com").unwrap(), "ann@example.com");
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
