//! Texts that a reviewer reads: no character in them may be invisible, or change what stands around it.

/// The first character that can't stand in a text for a reviewer.
pub(crate) fn hidden_in(text: &str) -> Option<char> {
    text.chars().find(|character| is_hidden(*character))
}

/// Whether a character is a control (Cc), a format character (Cf; the marks of direction are some), or
/// one that separates lines.
///
/// INVARIANT: the same characters as `authz_manifest::text::is_hidden`, which escapes what comes from a
/// file that no compiler has looked at.
fn is_hidden(character: char) -> bool {
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

/// The fault of a text with such a character, as part of a message.
pub(crate) fn fault(character: char) -> String {
    format!(
        "the character U+{:04X}, which a reviewer can't see or which changes what is seen around it; remove it",
        u32::from(character)
    )
}

#[cfg(test)]
mod tests {
    use super::is_hidden;

    #[test]
    fn what_is_refused_is_what_is_escaped() {
        for character in '\0'..=char::MAX {
            let escaped = authz_manifest::text::is_hidden(character);
            assert_eq!(is_hidden(character), escaped, "{character:?}");
        }
    }
}
