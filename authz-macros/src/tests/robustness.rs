//! Thousands of wrong attributes: none makes the macro panic, and of what is accepted nothing was
//! overlooked: each written part is in the requirement, and each part of it in the check.

use std::panic;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use crate::args::{self, Access, Args};
use crate::attribute;
use crate::diag::Errors;
use crate::requirement::{Name, Part, PartKind};

/// Right attributes, as words.
const RIGHT: &[(Access, &str)] = &[
    (Access::Requires, r#"role = "clerk" , scope = "write:orders""#),
    (
        Access::Requires,
        r#"role = Role :: Clerk , mfa , bound , max_age = "5m" , policy = crate :: policy"#,
    ),
    (
        Access::Requires,
        r#"any ( role = "manager" , all ( role = "clerk" , max_age = "1h" ) ) , scope = "read""#,
    ),
    (Access::Requires, r#"not ( any ( role = "guest" , acr = "bronze" ) ) , mfa , identity = who"#),
    (Access::Requires, r"authenticated , crate = :: authz"),
    (Access::Requires, r"any ( rule = rules :: Refund , mfa ) , rule = Strong"),
    (Access::Public, r#"reason = "load balancer probe" , policy = crate :: policy"#),
    (Access::Manual, r#"reason = "the body asks the shop" , identity = who"#),
];

/// Words that may turn up anywhere.
const STRAY: &[&str] = &[
    ",",
    ",,",
    ";",
    "|",
    "||",
    "&&",
    "=",
    "==",
    "=>",
    "::",
    "!",
    "#",
    "'a",
    "( )",
    "[ ]",
    "{ }",
    "role",
    "scope",
    "mfa",
    "bound",
    "all",
    "any",
    "not",
    "authenticated",
    "acr",
    "max_age",
    "identity",
    "policy",
    "crate",
    "reason",
    "self",
    "fn",
    "_",
    "r#role",
    "7",
    "-1",
    "true",
    "'c'",
    "b\"x\"",
    "\"\"",
    "\"clerk\"",
    "\"5m\"",
    "\"0s\"",
    "r#\"clerk\"#",
    "\"clerk\"x",
    "1.5",
    "c\"x\"",
    "all ( )",
    "any ( mfa )",
    "not ( mfa , mfa )",
    "( role = \"clerk\" )",
];

#[test]
fn wrong_attributes_are_refused_or_taken_at_their_word() {
    let mut random = Random(0x5eed);
    let (mut refused, mut accepted) = (0, 0);
    while refused + accepted < 6_000 {
        let (access, right) = RIGHT[random.below(RIGHT.len())];
        let mut words: Vec<String> = right.split(' ').map(str::to_owned).collect();
        for _ in 0..=random.below(3) {
            spoil(&mut words, &mut random);
        }
        let text = words.join(" ");
        // What is no tokens never reaches a macro.
        let Ok(args) = text.parse::<TokenStream>() else { continue };
        if judge(access, &args, &text) {
            accepted += 1;
        } else {
            refused += 1;
        }
    }
    assert!(refused > 3_000, "only {refused} were refused");
    assert!(accepted > 300, "only {accepted} were accepted, so little was compared");
}

#[test]
fn right_attributes_are_taken_at_their_word() {
    for (access, right) in RIGHT {
        let args = right.parse().expect("tokens");
        assert!(judge(*access, &args, right), "refused: {right}");
    }
}

/// Whether the attribute was accepted; panics if it was not refused and not understood whole.
fn judge(access: Access, args: &TokenStream, text: &str) -> bool {
    let item = quote! {
        fn refund(who: &Identity) -> Result<(), Denied> { "the body" }
    };
    let expanded = panic::catch_unwind(|| attribute::expand(access, args.clone(), item));
    let Ok(expanded) = expanded else { panic!("the macro panicked at: {text}") };
    let printed = expanded.to_string();
    assert!(syn::parse2::<syn::File>(expanded).is_ok(), "no list of items from: {text}");
    assert_eq!(printed.matches("\"the body\"").count(), 1, "{text}");
    if printed.contains("compile_error") {
        let denies = printed.contains("let _ = identity ; false");
        assert!(access == Access::Public || denies, "beside an error, not denied: {text}");
        return false;
    }
    let understood = parse(access, args);
    assert_eq!(in_words(&understood), written(args), "overlooked something in: {text}");
    for (check, count) in [
        ("has_role", count(&understood.parts, &|kind| matches!(kind, PartKind::Role(_)))),
        ("has_scope", count(&understood.parts, &|kind| matches!(kind, PartKind::Scope(_)))),
        ("has_acr", count(&understood.parts, &|kind| matches!(kind, PartKind::Acr(_)))),
        (
            "Rule :: < __Policy > > :: permits",
            count(&understood.parts, &|kind| matches!(kind, PartKind::Rule(_))),
        ),
        ("Identity :: is_bound", count(&understood.parts, &|kind| matches!(kind, PartKind::Bound))),
        ("Identity :: mfa", count(&understood.parts, &|kind| matches!(kind, PartKind::Mfa))),
        (
            "authenticated_within",
            count(&understood.parts, &|kind| matches!(kind, PartKind::MaxAge(..))),
        ),
    ] {
        assert_eq!(printed.matches(check).count(), count, "`{check}` in the check of: {text}");
    }
    true
}

fn parse(access: Access, tokens: &TokenStream) -> Args {
    let mut errors = Errors::new();
    let args = args::parse(access, tokens.clone(), &mut errors);
    assert!(errors.finish().is_ok());
    args
}

pub(super) fn count(parts: &[Part], wanted: &dyn Fn(&PartKind) -> bool) -> usize {
    let inside = |part: &Part| match &part.kind {
        PartKind::All(inner) | PartKind::Any(inner) => count(inner, wanted),
        PartKind::Not(inner) => count(std::slice::from_ref(inner), wanted),
        _ => 0,
    };
    parts.iter().map(|part| usize::from(wanted(&part.kind)) + inside(part)).sum()
}

/// The arguments as they stand in the source, sorted, since options may stand anywhere.
fn written(args: &TokenStream) -> Vec<String> {
    let mut arguments = vec![String::new()];
    for token in args.clone() {
        match &token {
            proc_macro2::TokenTree::Punct(comma) if comma.as_char() == ',' => {
                arguments.push(String::new());
            }
            _ => {
                let last = arguments.last_mut().expect("one at least");
                last.push_str(&token.to_string());
            }
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    let mut arguments: Vec<String> = arguments.iter().map(|argument| plain(argument)).collect();
    arguments.sort();
    arguments
}

/// The arguments as they were understood, sorted.
fn in_words(args: &Args) -> Vec<String> {
    let mut arguments: Vec<String> = args.parts.iter().map(part_in_words).collect();
    let options = [
        args.identity.get().map(|value| ("identity", value.to_token_stream())),
        args.policy.get().map(|value| ("policy", value.to_token_stream())),
        args.krate.get().map(|value| ("crate", value.to_token_stream())),
        args.reason.get().map(|value| ("reason", value.to_token_stream())),
    ];
    arguments.extend(
        options.into_iter().flatten().map(|(key, value)| plain(&format!("{key} = {value}"))),
    );
    arguments.sort();
    arguments
}

fn part_in_words(part: &Part) -> String {
    let key = &part.key;
    let group = |parts: &[Part]| {
        format!("{key}({})", parts.iter().map(part_in_words).collect::<Vec<_>>().join(","))
    };
    plain(&match &part.kind {
        PartKind::Role(Name::Wire(name)) | PartKind::Scope(Name::Wire(name)) => {
            format!("{key} = {}", name.to_token_stream())
        }
        PartKind::Role(Name::Variant(path)) | PartKind::Scope(Name::Variant(path)) => {
            format!("{key} = {}", path.to_token_stream())
        }
        PartKind::Authenticated | PartKind::Mfa | PartKind::Bound => key.to_string(),
        PartKind::Acr(class) => format!("{key} = {}", class.to_token_stream()),
        PartKind::MaxAge(_, seconds) => format!("{key} = \"{seconds}s\""),
        PartKind::All(parts) | PartKind::Any(parts) => group(parts),
        PartKind::Not(part) => group(std::slice::from_ref(part)),
        PartKind::Rule(path) => format!("{key} = {}", path.to_token_stream()),
        PartKind::Faulty => panic!("a faulty part was accepted"),
    })
}

/// Without spaces, without a comma at the end of a list, durations in seconds.
fn plain(text: &str) -> String {
    const KEY: &str = "max_age=\"";
    let text = text.replace(' ', "").replace(",)", ")");
    let mut pieces = text.split(KEY);
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (age, rest) = piece.split_once('"').expect("the end of a string");
        let (number, unit) = age.split_at(age.len() - 1);
        let factor = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => panic!("`{age}` was accepted as a duration"),
        };
        let seconds = number.parse::<u64>().expect("a number") * factor;
        plain = format!("{plain}{KEY}{seconds}s\"{rest}");
    }
    plain
}

/// Makes one mistake.
pub(super) fn spoil(words: &mut Vec<String>, random: &mut Random) {
    if words.is_empty() {
        words.push(STRAY[random.below(STRAY.len())].to_owned());
        return;
    }
    let at = random.below(words.len());
    let other = random.below(words.len());
    match random.below(8) {
        // A typo.
        0 | 1 => {
            let mut letters: Vec<char> = words[at].chars().collect();
            let place = random.below(letters.len());
            match random.below(4) {
                0 => drop(letters.remove(place)),
                1 => letters.insert(place, letters[place]),
                2 => letters[place] = char::from(b'a' + random.letter()),
                _ => letters.swap(place, 0),
            }
            words[at] = letters.into_iter().collect();
        }
        2 => drop(words.remove(at)),
        3 => words.insert(at, words[other].clone()),
        4 => words.swap(at, other),
        5 => words[at] = STRAY[random.below(STRAY.len())].to_owned(),
        6 => words.insert(at, STRAY[random.below(STRAY.len())].to_owned()),
        _ => words.truncate(at),
    }
    words.retain(|word| !word.is_empty());
}

/// A linear congruential generator: the same mistakes on every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn letter(&mut self) -> u8 {
        u8::try_from(self.below(26)).expect("a letter")
    }
}
