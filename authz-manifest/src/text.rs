//! Texts of programs, locks and logs as they may be shown: what a terminal, a log or a reader of bidirectional
//! text would act on is written as an escape.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Tells whether a character is a control (Cc), a format character (Cf; the marks of direction are some), or
/// one that separates lines (Zl, Zp).
///
/// # Examples
///
/// ```
/// use authz_manifest::text::is_hidden;
///
/// assert!(is_hidden('\u{1b}') && is_hidden('\u{202e}') && is_hidden('\n'));
/// assert!(!is_hidden('é') && !is_hidden(' '));
/// ```
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0001}'
                | '\u{e0020}'..='\u{e007f}'
        )
}

/// Returns the text with every hidden character written as `\u{…}`.
///
/// Two texts stay two: a backslash that would be taken for the start of such an escape is escaped itself.
///
/// # Examples
///
/// ```
/// use authz_manifest::text::shown;
///
/// assert_eq!(shown(r"load balancer in C:\"), r"load balancer in C:\");
/// assert_eq!(shown("a\u{1b}[2K\n"), r"a\u{1b}[2K\u{a}");
/// assert_eq!(shown(r"a\u{1b}"), r"a\u{5c}u{1b}");
/// ```
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) && !text.contains(ESCAPE) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for (place, character) in text.char_indices() {
        let rest = text.get(place..).unwrap_or_default();
        if is_hidden(character) || rest.starts_with(ESCAPE) {
            // Writing to a string does not fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// The start of an escape.
const ESCAPE: &str = "\\u{";

#[cfg(test)]
mod tests {
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

    use super::is_hidden;

    #[test]
    fn the_hidden_characters_are_those_of_unicode() {
        for character in '\0'..=char::MAX {
            let category = character.general_category();
            let hidden = matches!(
                category,
                GeneralCategory::Control
                    | GeneralCategory::Format
                    | GeneralCategory::LineSeparator
                    | GeneralCategory::ParagraphSeparator
            );
            // One place among the format characters that is kept for another of them.
            assert_eq!(is_hidden(character), hidden || character == '\u{2065}', "{character:?}");
        }
    }
}
