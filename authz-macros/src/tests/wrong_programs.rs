//! A thousand programs with one mistake each: every one ends in an error inside the attribute, and
//! none is taken for a program that lets more people in than the right one.
//!
//! What the macro can't see, the compiler sees afterwards: a name outside the vocabulary is an error
//! at its literal, and counts as one here.

use std::ops::Range;
use std::panic;

use proc_macro2::{Group, Span, TokenStream, TokenTree};

use crate::args::{self, Access};
use crate::attribute;
use crate::diag::Errors;
use crate::requirement::{Name, Part, PartKind};

const PROGRAMS: usize = 1_000;

const ROLES: [&str; 3] = ["manager", "clerk", "auditor"];
const SCOPES: [&str; 2] = ["read:orders", "write:orders"];
const CLASSES: [&str; 2] = ["gold", "silver"];
const AGES: [(&str, u64); 3] = [("30s", 30), ("5m", 300), ("1h", 3_600)];

/// What includes what.
const INCLUDES: [(&str, &str); 2] = [("manager", "clerk"), ("write:orders", "read:orders")];

/// Keys with a value, and their values: exchanged, none of them makes sense.
const VALUE_KEYS: [&str; 8] =
    ["role", "scope", "acr", "max_age", "mfa", "bound", "authenticated", "policy"];

/// Those of them without a value.
const FLAGS: [&str; 3] = ["mfa", "bound", "authenticated"];

const WRONG_LITERALS: [&str; 10] =
    ["5", "1.5", "true", "'c'", "b\"clerk\"", "c\"clerk\"", "\"\"", "\"clerk\"x", "clerk", "-1"];

/// Items on which the attribute can't stand, or not so.
const WRONG_ITEMS: [&str; 14] = [
    "struct Order;",
    "enum Order { A }",
    "union Order { a: u8 }",
    "trait Order { fn refund(&self); }",
    "type Order = u8;",
    "use std::fmt;",
    "const LIMIT: u8 = 1;",
    "static LIMIT: u8 = 1;",
    "macro_rules! refund { () => {} }",
    "const fn refund() {}",
    "extern \"C\" fn refund() {}",
    "fn refund(&self) {}",
    "fn refund(&self);",
    "#[public(reason = \"everybody\")] fn refund() {}",
];

/// A linear congruential generator (Knuth's MMIX constants): the same programs in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// One word of an attribute; only some can be misspelt so that somebody would notice.
#[derive(Clone)]
struct Word {
    text: String,
    kind: WordKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WordKind {
    Key,
    /// A name of the vocabulary.
    Name,
    /// Another value in quotes.
    Literal,
    Comma,
    Other,
}

/// A right attribute, without parts that a check of the whole list would refuse.
fn right(random: &mut Random) -> Vec<Word> {
    let mut words = Vec::new();
    let mut kinds = vec!["role", "scope", "mfa", "bound", "acr", "max_age"];
    let count = 1 + random.below(3);
    for position in 0..count {
        if position > 0 {
            push(&mut words, ",", WordKind::Comma);
        }
        let kind = kinds.remove(random.below(kinds.len()));
        if random.below(3) == 0 {
            group(random, &mut words);
        } else {
            part(random, kind, &mut words);
        }
    }
    if random.below(4) == 0 {
        push(&mut words, ",", WordKind::Comma);
        push(&mut words, "policy", WordKind::Key);
        push(&mut words, "= crate::policy", WordKind::Other);
    }
    words
}

fn group(random: &mut Random, words: &mut Vec<Word>) {
    let mut kinds = vec!["role", "scope", "mfa", "bound", "acr", "max_age"];
    let key = random.pick(&["any", "all", "not"]);
    push(words, key, WordKind::Key);
    push(words, "(", WordKind::Other);
    let count = if key == "not" { 1 } else { 2 + random.below(2) };
    for position in 0..count {
        if position > 0 {
            push(words, ",", WordKind::Comma);
        }
        let kind = kinds.remove(random.below(kinds.len()));
        part(random, kind, words);
    }
    push(words, ")", WordKind::Other);
}

fn part(random: &mut Random, kind: &str, words: &mut Vec<Word>) {
    push(words, kind, WordKind::Key);
    let (value, word) = match kind {
        "role" => (random.pick(&ROLES), WordKind::Name),
        "scope" => (random.pick(&SCOPES), WordKind::Name),
        "acr" => (random.pick(&CLASSES), WordKind::Literal),
        "max_age" => (AGES[random.below(AGES.len())].0, WordKind::Literal),
        _ => return,
    };
    push(words, "=", WordKind::Other);
    push(words, &format!("\"{value}\""), word);
}

fn push(words: &mut Vec<Word>, text: &str, kind: WordKind) {
    words.push(Word { text: text.to_owned(), kind });
}

fn text(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Makes one mistake in the attribute; `None` where there is no place for it.
fn spoil(words: &[Word], mistake: usize, random: &mut Random) -> Option<Vec<Word>> {
    let places = |wanted: &dyn Fn(&Word) -> bool| -> Vec<usize> {
        (0..words.len()).filter(|place| wanted(&words[*place])).collect()
    };
    let mut words = words.to_vec();
    match mistake {
        0 => {
            let places = places(&|word| matches!(word.kind, WordKind::Key | WordKind::Name));
            let place = places[random.below(places.len())];
            words[place].text = misspelt(&words[place].text, random)?;
        }
        1 => {
            let places = places(&|word| word.kind == WordKind::Comma);
            words.remove(*places.get(random.below(places.len().max(1)))?);
        }
        2 => {
            let places = places(&|word| VALUE_KEYS.contains(&word.text.as_str()));
            let one = *places.get(random.below(places.len().max(1)))?;
            let other = places[random.below(places.len())];
            // Of two that take no value, either may stand in the place of the other.
            let flag = |word: &Word| FLAGS.contains(&word.text.as_str());
            if words[one].text == words[other].text || flag(&words[one]) && flag(&words[other]) {
                return None;
            }
            let text = words[one].text.clone();
            words[one].text = std::mem::replace(&mut words[other].text, text);
        }
        _ => {
            let places = places(&|word| matches!(word.kind, WordKind::Name | WordKind::Literal));
            let place = *places.get(random.below(places.len().max(1)))?;
            random.pick(&WRONG_LITERALS).clone_into(&mut words[place].text);
        }
    }
    Some(words)
}

/// A letter dropped, doubled, replaced or swapped with the next.
fn misspelt(word: &str, random: &mut Random) -> Option<String> {
    let quoted = word.starts_with('"');
    let mut letters: Vec<char> = word.trim_matches('"').chars().collect();
    let place = random.below(letters.len());
    match random.below(4) {
        0 => drop(letters.remove(place)),
        1 => letters.insert(place, letters[place]),
        2 => letters[place] = char::from(b'a' + u8::try_from(random.below(26)).expect("a letter")),
        _ if place + 1 < letters.len() => letters.swap(place, place + 1),
        _ => return None,
    }
    let letters: String = letters.into_iter().collect();
    let text = if quoted { format!("\"{letters}\"") } else { letters };
    (text != word).then_some(text)
}

/// An attribute and the item below it, with the place of the attribute in the text of both.
struct Program {
    args: TokenStream,
    item: TokenStream,
    attribute: Range<usize>,
    text: String,
}

/// `None` for what is no sequence of tokens and never reaches a macro.
fn program(attribute: &str, item: &str) -> Option<Program> {
    // Nothing of it begins at the first byte, where a span without a place is.
    let text = format!("\n#[requires({attribute})]\n{item}");
    let mut tokens = text.parse::<TokenStream>().ok()?.into_iter();
    let (_, brackets) = (tokens.next()?, tokens.next()?);
    let TokenTree::Group(brackets) = brackets else { return None };
    let TokenTree::Group(args) = brackets.stream().into_iter().nth(1)? else { return None };
    let attribute = 1..brackets.span().byte_range().end;
    Some(Program { args: args.stream(), item: tokens.collect(), attribute, text })
}

/// The places of the errors; none where the program was accepted.
fn errors(program: &Program) -> Vec<Range<usize>> {
    let expanded = panic::catch_unwind(|| {
        attribute::expand(Access::Requires, program.args.clone(), program.item.clone())
    });
    let Ok(expanded) = expanded else { panic!("the macro panicked at: {}", program.text) };
    let mut places = Vec::new();
    collect_errors(expanded, &mut places);
    if places.is_empty() {
        places.extend(unknown_names(&parse(&program.args)));
    }
    places
}

/// The places of `compile_error! { … }`.
fn collect_errors(tokens: TokenStream, places: &mut Vec<Range<usize>>) {
    let mut before = String::new();
    for token in tokens {
        let span = token.span();
        if let TokenTree::Ident(ident) = &token
            && ident == "compile_error"
        {
            places.push(span.byte_range());
        }
        if let TokenTree::Group(group) = &token {
            if before == "!" {
                // The message has the end of the span.
                if let Some(last) = places.last_mut() {
                    last.end = end_of(group).max(last.end);
                }
            }
            collect_errors(group.stream(), places);
        }
        before = token.to_string();
    }
}

fn end_of(group: &Group) -> usize {
    group.span().byte_range().end
}

fn parse(args: &TokenStream) -> Vec<Part> {
    let mut errors = Errors::new();
    let args = args::parse(Access::Requires, args.clone(), &mut errors);
    assert!(errors.finish().is_ok());
    args.parts
}

/// What const evaluation would refuse.
fn unknown_names(parts: &[Part]) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for part in parts {
        let unknown = |name: &Name, known: &[&str]| match name {
            Name::Wire(literal) => !known.contains(&literal.value().as_str()),
            Name::Variant(_) => true,
        };
        let is_unknown = match &part.kind {
            PartKind::Role(name) => unknown(name, &ROLES),
            PartKind::Scope(name) => unknown(name, &SCOPES),
            _ => false,
        };
        if is_unknown {
            places.push(part.span().byte_range());
        }
        places.extend(unknown_names(part.inner()));
    }
    places
}

/// Whether somebody meets `wrong` who does not meet `right`.
fn is_weaker(wrong: &[Part], right: &[Part]) -> bool {
    let mut someone = Vec::new();
    for held in 0..1_usize << (ROLES.len() + SCOPES.len()) {
        for (mfa, bound) in [(false, false), (true, false), (false, true), (true, true)] {
            for acr in [None, Some(CLASSES[0]), Some(CLASSES[1])] {
                for age in [None, Some(30), Some(300), Some(3_600), Some(86_400)] {
                    someone.push(Somebody { held: closed(held), mfa, bound, acr, age });
                }
            }
        }
    }
    someone.iter().any(|who| who.meets_all(wrong) && !who.meets_all(right))
}

fn closed(held: usize) -> Vec<&'static str> {
    let names = ROLES.iter().chain(&SCOPES);
    let given = names.enumerate().filter(|(bit, _)| held >> bit & 1 == 1).map(|(_, name)| *name);
    let mut held: Vec<&str> = given.collect();
    for (holder, included) in INCLUDES {
        if held.contains(&holder) {
            held.push(included);
        }
    }
    held
}

struct Somebody {
    held: Vec<&'static str>,
    mfa: bool,
    bound: bool,
    acr: Option<&'static str>,
    age: Option<u64>,
}

impl Somebody {
    fn meets_all(&self, parts: &[Part]) -> bool {
        parts.iter().all(|part| self.meets(part))
    }

    fn meets(&self, part: &Part) -> bool {
        match &part.kind {
            PartKind::Role(Name::Wire(name)) | PartKind::Scope(Name::Wire(name)) => {
                self.held.contains(&name.value().as_str())
            }
            PartKind::Authenticated => true,
            PartKind::Mfa => self.mfa,
            PartKind::Bound => self.bound,
            PartKind::Acr(class) => self.acr == Some(class.value().as_str()),
            PartKind::MaxAge(_, limit) => self.age.is_some_and(|age| age <= *limit),
            PartKind::All(inner) => self.meets_all(inner),
            PartKind::Any(inner) => inner.iter().any(|part| self.meets(part)),
            PartKind::Not(inner) => !self.meets(inner),
            PartKind::Role(_) | PartKind::Scope(_) | PartKind::Rule(_) | PartKind::Faulty => {
                panic!("no such part is generated")
            }
        }
    }
}

#[test]
fn a_thousand_wrong_programs_end_in_errors_inside_the_attribute() {
    let mut random = Random(0x00A0_7742);
    let mut made = [0; 5];
    while made.iter().sum::<usize>() < PROGRAMS {
        let words = right(&mut random);
        let right = program(&text(&words), "fn refund() {}").expect("tokens");
        assert!(errors(&right).is_empty(), "refused: {}", right.text);

        let mistake = random.below(5);
        let wrong = if mistake == 4 {
            program(&text(&words), random.pick(&WRONG_ITEMS))
        } else {
            spoil(&words, mistake, &mut random)
                .and_then(|words| program(&text(&words), "fn refund() {}"))
        };
        let Some(wrong) = wrong else { continue };
        made[mistake] += 1;
        confirm(&wrong, &right, mistake == 4);
    }
    assert!(made.iter().all(|count| *count > 100), "{made:?}");
}

fn confirm(wrong: &Program, right: &Program, misplaced: bool) {
    let found = errors(wrong);
    if found.is_empty() {
        // The same thing said otherwise, such as a comma that was not needed.
        assert!(
            !is_weaker(&parse(&wrong.args), &parse(&right.args)),
            "lets more people in: {}",
            wrong.text
        );
        panic!("accepted: {}", wrong.text);
    }
    let nowhere = Span::call_site().byte_range();
    for place in found {
        // Without a token of its own, an error is at the whole attribute. What is wrong with the
        // item is said there.
        let inside = place == nowhere
            || wrong.attribute.start <= place.start && place.end <= wrong.attribute.end
            || misplaced && place.end <= wrong.text.len();
        assert!(inside, "an error at {place:?}, not inside: {}", wrong.text);
    }
}
