//! The characters of names: the `IdentifierClass` of RFC 8264 (sections 4.2 and 8), in today's Unicode.
//!
//! What nobody sees, or what changes the direction of what stands around it, is none of them, and neither are
//! spaces, symbols, and punctuation outside of ASCII. The libraries that know the class know it for Unicode 6.3
//! alone, in which the letters of many names are not assigned; with that version the tests compare every
//! character. Absent on purpose: joiners in their contexts (RFC 5892 appendix A.1 and A.2), which nobody sees
//! either, and letters of two alphabets that look alike.

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// The first character that can't stand in a name.
pub(super) fn stranger(name: &str) -> Option<char> {
    name.chars()
        .enumerate()
        .find(|(place, it)| !is_valid(*it) && !fits(name, *place, *it))
        .map(|(_, it)| it)
}

/// Tells whether a character may stand anywhere in a name (RFC 8264 section 8).
fn is_valid(character: char) -> bool {
    match character {
        // ASCII7, section 9.11, and the exceptions of section 9.6.
        '\u{21}'..='\u{7e}'
        | '\u{df}'
        | '\u{3c2}'
        | '\u{6fd}'
        | '\u{6fe}'
        | '\u{f0b}'
        | '\u{3007}' => true,
        // More exceptions; the digits stand in a context alone.
        '\u{640}'
        | '\u{7fa}'
        | '\u{302e}'
        | '\u{302f}'
        | '\u{3031}'..='\u{3035}'
        | '\u{303b}'
        | '\u{660}'..='\u{669}'
        | '\u{6f0}'..='\u{6f9}' => false,
        other => {
            is_letter_or_digit(other)
                && !is_ignorable(other)
                && !is_old_jamo(other)
                && std::iter::once(other).nfkc().eq(std::iter::once(other))
        }
    }
}

/// `LetterDigits`, section 9.1.
fn is_letter_or_digit(character: char) -> bool {
    matches!(
        character.general_category(),
        GeneralCategory::LowercaseLetter
            | GeneralCategory::UppercaseLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::DecimalNumber
            | GeneralCategory::ModifierLetter
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
    )
}

/// `PrecisIgnorableProperties`, section 9.13, as far as they are letters or marks: `Default_Ignorable_Code_Point`.
fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// `OldHangulJamo`, section 9.9.
fn is_old_jamo(character: char) -> bool {
    matches!(
        character,
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7c6}' | '\u{d7cb}'..='\u{d7fb}'
    )
}

/// Tells whether a character stands where it may (RFC 5892 appendix A.3 to A.9).
fn fits(name: &str, place: usize, character: char) -> bool {
    let before = || place.checked_sub(1).and_then(|before| name.chars().nth(before));
    let after = || name.chars().nth(place + 1);
    let arabic = '\u{660}'..='\u{669}';
    let extended = '\u{6f0}'..='\u{6f9}';
    match character {
        // MIDDLE DOT, as in Catalan.
        '\u{b7}' => before() == Some('l') && after() == Some('l'),
        // GREEK KERAIA
        '\u{375}' => {
            after().is_some_and(|it| matches!(it, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}'))
        }
        // HEBREW GERESH and GERSHAYIM
        '\u{5f3}' | '\u{5f4}' => before().is_some_and(|it| matches!(it, '\u{591}'..='\u{5f4}')),
        // KATAKANA MIDDLE DOT
        '\u{30fb}' => name.chars().any(is_japanese),
        digit if arabic.contains(&digit) => !name.chars().any(|it| extended.contains(&it)),
        digit if extended.contains(&digit) => !name.chars().any(|it| arabic.contains(&it)),
        _ => false,
    }
}

fn is_japanese(character: char) -> bool {
    matches!(
        character,
        '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use precis_core::{DerivedPropertyValue, IdentifierClass, StringClass as _};

    use super::{is_valid, stranger};

    /// Every character that Unicode 6.3 has is judged as by a library that has nothing but the class.
    #[test]
    fn the_characters_are_those_of_the_class() {
        let class = IdentifierClass::default();
        let mut compared = 0;
        for character in '\0'..=char::MAX {
            let theirs = class.get_value_from_char(character);
            if theirs == DerivedPropertyValue::Unassigned {
                continue;
            }
            compared += 1;
            let valid = theirs == DerivedPropertyValue::PValid;
            assert_eq!(is_valid(character), valid, "U+{:04X} {theirs:?}", u32::from(character));
        }
        assert!(compared > 100_000, "{compared}");
    }

    #[test]
    fn what_stands_in_a_context_stands_nowhere_else() {
        for name in ["col·legi", "͵α", "רמב״ם", "ג׳ק", "トム・クルーズ", "علي٣", "علی۳", "𞤀𞤣𞤤𞤢𞤥"]
        {
            assert_eq!(stranger(name), None, "{name}");
        }
        for (name, expected) in [
            ("co·legi", '·'),
            ("͵a", '͵'),
            ("a״b", '״'),
            ("a・b", '・'),
            ("٣۳", '٣'),
            ("a\u{200d}b", '\u{200d}'),
            ("क्\u{200d}ष", '\u{200d}'),
        ] {
            assert_eq!(stranger(name), Some(expected), "{name}");
        }
    }
}
