//! Requirements in the words of the attribute, read.
//!
//! INVARIANT: what the `Display` of a requirement writes, [`parse`] reads back as the same tree.

use crate::manifest::Requirement;

/// The greatest nesting that is read.
const MAX_DEPTH: usize = crate::record::MAX_DEPTH;

/// Seconds out of `30s`, `5m`, `1h` or `2d`.
///
/// # Errors
///
/// What is wrong with the text.
pub fn seconds(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no time; write `30s`, `5m`, `1h` or `2d`");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number = text.strip_suffix(unit).unwrap_or_default();
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).ok_or_else(wrong)
}

/// The requirement that the words of an attribute mean.
///
/// # Errors
///
/// What is wrong with the words.
pub fn parse(words: &str) -> Result<Requirement, String> {
    let mut parser = Parser { rest: words };
    let requirement = parser.requirement(0)?;
    parser.space();
    if parser.rest.is_empty() {
        Ok(requirement)
    } else {
        Err(format!("`{}` is left over", parser.rest))
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn requirement(&mut self, depth: usize) -> Result<Requirement, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nesting is deeper than {MAX_DEPTH}"));
        }
        match self.word()? {
            "public" => Ok(Requirement::Anyone),
            "authenticated" => Ok(Requirement::Authenticated),
            "mfa" => Ok(Requirement::Mfa),
            "bound" => Ok(Requirement::Bound),
            "role" => self.value().map(Requirement::Role),
            "scope" => self.value().map(Requirement::Scope),
            "acr" => self.value().map(Requirement::Acr),
            "max_age" => seconds(&self.value()?).map(Requirement::MaxAge),
            "all" => self.parts(depth).map(Requirement::All),
            "any" => self.parts(depth).map(Requirement::Any),
            "not" => {
                self.token('(')?;
                let part = self.requirement(depth + 1)?;
                self.token(')')?;
                Ok(Requirement::Not(Box::new(part)))
            }
            "rule" => {
                self.token('(')?;
                let name = self.text()?;
                self.token(',')?;
                let requires = Box::new(self.requirement(depth + 1)?);
                self.token(')')?;
                Ok(Requirement::Rule { name, requires })
            }
            other => Err(format!("unknown word `{other}`")),
        }
    }

    fn parts(&mut self, depth: usize) -> Result<Vec<Requirement>, String> {
        self.token('(')?;
        let mut parts = Vec::new();
        if self.token(')').is_ok() {
            return Ok(parts);
        }
        loop {
            parts.push(self.requirement(depth + 1)?);
            if self.token(',').is_err() {
                self.token(')')?;
                return Ok(parts);
            }
        }
    }

    fn value(&mut self) -> Result<String, String> {
        self.token('=')?;
        self.text()
    }

    fn text(&mut self) -> Result<String, String> {
        self.token('"')?;
        let mut value = String::new();
        loop {
            let (character, rest) = self.first()?;
            self.rest = rest;
            match character {
                '"' => return Ok(value),
                '\\' => value.push(self.escape()?),
                other => value.push(other),
            }
        }
    }

    /// What stands behind a backslash, as `Debug` of a string writes it.
    fn escape(&mut self) -> Result<char, String> {
        let (character, rest) = self.first()?;
        self.rest = rest;
        Ok(match character {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            'u' => {
                let (digits, rest) = rest
                    .strip_prefix('{')
                    .and_then(|rest| rest.split_once('}'))
                    .ok_or("`\\u` without `{…}`")?;
                self.rest = rest;
                u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32)
                    .ok_or_else(|| format!("`\\u{{{digits}}}` is no character"))?
            }
            other => other,
        })
    }

    fn word(&mut self) -> Result<&'a str, String> {
        self.space();
        let end = self
            .rest
            .find(|character: char| !(character.is_ascii_lowercase() || character == '_'))
            .unwrap_or(self.rest.len());
        match self.rest.split_at_checked(end) {
            Some((word, rest)) if !word.is_empty() => {
                self.rest = rest;
                Ok(word)
            }
            _ => Err("a word such as `role` is missing".to_owned()),
        }
    }

    fn token(&mut self, token: char) -> Result<(), String> {
        self.space();
        self.rest = self
            .rest
            .strip_prefix(token)
            .ok_or_else(|| format!("`{token}` is missing before `{}`", self.rest))?;
        Ok(())
    }

    fn first(&self) -> Result<(char, &'a str), String> {
        let mut characters = self.rest.chars();
        let first = characters.next().ok_or("a string without an end")?;
        Ok((first, characters.as_str()))
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, seconds};
    use crate::manifest::Requirement;
    use proptest::prelude::*;

    fn requirements() -> impl Strategy<Value = Requirement> {
        let leaf = prop_oneof![
            Just(Requirement::Anyone),
            Just(Requirement::Authenticated),
            Just(Requirement::Mfa),
            Just(Requirement::Bound),
            any::<String>().prop_map(Requirement::Role),
            any::<String>().prop_map(Requirement::Scope),
            any::<String>().prop_map(Requirement::Acr),
            any::<u64>().prop_map(Requirement::MaxAge),
        ];
        leaf.prop_recursive(5, 40, 4, |part| {
            let parts = proptest::collection::vec(part.clone(), 0..4);
            prop_oneof![
                parts.clone().prop_map(Requirement::All),
                parts.prop_map(Requirement::Any),
                part.clone().prop_map(|part| Requirement::Not(Box::new(part))),
                (any::<String>(), part).prop_map(|(name, requires)| {
                    Requirement::Rule { name, requires: Box::new(requires) }
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn words_read_back_as_the_tree_they_were_written_from(requirement in requirements()) {
            let words = requirement.to_string();
            prop_assert_eq!(parse(&words), Ok(requirement), "{}", words);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[a-z(),=\"\\\\u{}0-9 ]{0,40}") {
            drop(parse(&text));
        }
    }

    #[test]
    fn what_is_no_requirement_says_why() {
        for (words, why) in [
            ("", "a word such as `role` is missing"),
            ("role", "`=` is missing before ``"),
            ("role = clerk", "`\"` is missing before `clerk`"),
            ("role = \"clerk", "a string without an end"),
            ("ruel = \"x\"", "unknown word `ruel`"),
            ("rule = \"x\"", "`(` is missing before `= \"x\"`"),
            ("mfa mfa", "`mfa` is left over"),
            ("any(mfa", "`)` is missing before ``"),
            ("max_age = \"5\"", "`5` is no time; write `30s`, `5m`, `1h` or `2d`"),
        ] {
            assert_eq!(parse(words), Err(why.to_owned()), "{words}");
        }
        let deep = format!("{}mfa{}", "not(".repeat(100), ")".repeat(100));
        assert_eq!(parse(&deep), Err("nesting is deeper than 56".to_owned()));
    }

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("2d"), Ok(172_800));
        for wrong in ["", "5", "m", "-1s", "+1s", "5 m", "5µ", "99999999999999999999d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
