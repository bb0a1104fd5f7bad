//! Finds functions where a block does not look for them: inside the expressions of its items, and inside
//! the bodies of its functions.
//!
//! Tokens are looked at, nothing is parsed: an `impl` in an expression counts wherever the expression
//! stands, and however deep. Absent on purpose: what macros of a body, derives and attribute macros make
//! of their input, which the compiler does not tell (see the page of `#[requires]`).

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// Macros of the standard library whose output holds no item that outlives the expression.
const KNOWN_MACROS: [&str; 32] = [
    "addr_of",
    "addr_of_mut",
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "column",
    "concat",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "offset_of",
    "option_env",
    "panic",
    "println",
    "stringify",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Something that can be called, or may be.
pub(super) enum Hidden {
    /// A function or an implementation, by its keyword.
    Item(Ident),
    /// The call of a macro.
    Macro(Span, String),
}

/// The first function, implementation or unknown macro in the expressions of an item.
pub(super) fn in_expressions(tokens: &TokenStream) -> Option<Hidden> {
    in_level(tokens, Level::Outside)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The item itself, or the arguments of something in it.
    Outside,
    /// Between braces, where statements may stand.
    Statements,
}

fn in_level(tokens: &TokenStream, level: Level) -> Option<Hidden> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (position, token) in tokens.iter().enumerate() {
        let before = tokens.get(..position).unwrap_or_default();
        let next = tokens.get(position + 1);
        let found = match token {
            TokenTree::Ident(word)
                if level == Level::Statements && begins_item(word, before, next) =>
            {
                Some(Hidden::Item(word.clone()))
            }
            TokenTree::Group(group) => unknown_macro(before).or_else(|| {
                let inner = match group.delimiter() {
                    Delimiter::Brace => Level::Statements,
                    // A group without delimiters is what a macro of the user handed on.
                    Delimiter::None => level,
                    _ if is_call(before) => Level::Statements,
                    _ => Level::Outside,
                };
                in_level(&group.stream(), inner)
            }),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The first `impl` in a body for a type that is not of that body: its functions can be called by whoever
/// has the type, and not only by the body.
pub(super) fn in_body(body: &Group) -> Option<Ident> {
    in_block(body.stream(), &BTreeSet::new())
}

fn in_block(tokens: TokenStream, around: &BTreeSet<String>) -> Option<Ident> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut local = around.clone();
    local.extend(tokens.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(word), TokenTree::Ident(name)]
            if word == "struct" || word == "enum" || word == "union" =>
        {
            Some(name.to_string())
        }
        _ => None,
    }));
    for (position, token) in tokens.iter().enumerate() {
        let before = tokens.get(..position).unwrap_or_default();
        let rest = tokens.get(position + 1..).unwrap_or_default();
        let found = match token {
            TokenTree::Ident(word) if word == "impl" && begins_item(word, before, rest.first()) => {
                (!is_for_one_of(rest, &local)).then(|| word.clone())
            }
            // Names of a block do not reach into a module.
            TokenTree::Group(group) if is_module(before) => {
                in_block(group.stream(), &BTreeSet::new())
            }
            TokenTree::Group(group) => in_block(group.stream(), &local),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Whether the word begins a function or an implementation, and not the type of one.
fn begins_item(word: &Ident, before: &[TokenTree], next: Option<&TokenTree>) -> bool {
    if word == "fn" {
        return matches!(next, Some(TokenTree::Ident(_)));
    }
    word == "impl"
        && match before.last() {
            None => true,
            Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
            Some(TokenTree::Group(group)) => match group.delimiter() {
                Delimiter::Brace | Delimiter::None => true,
                // An attribute.
                Delimiter::Bracket => ends_with(before.get(..before.len() - 1), '#'),
                Delimiter::Parenthesis => false,
            },
            Some(TokenTree::Ident(word)) => word == "unsafe" || word == "default",
            Some(TokenTree::Literal(_)) => false,
        }
}

/// Whether the implementation, read from behind `impl`, is for a type of these names.
fn is_for_one_of(header: &[TokenTree], local: &BTreeSet<String>) -> bool {
    let mut depth = 0_usize;
    let mut arrow = false;
    let mut start = 0;
    for (position, token) in header.iter().enumerate() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && depth == 0 => break,
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    '<' => depth += 1,
                    '>' if !arrow => {
                        depth = depth.saturating_sub(1);
                        // Behind the generics, which are the first thing there.
                        if depth == 0
                            && start == 0
                            && matches!(header.first(), Some(TokenTree::Punct(first)) if first.as_char() == '<')
                        {
                            start = position + 1;
                        }
                    }
                    _ => {}
                }
                arrow = punct.as_char() == '-';
                continue;
            }
            // `for<'a>` begins a bound, and a type stands behind the other one.
            TokenTree::Ident(word) if word == "for" && depth == 0 => {
                let next = header.get(position + 1);
                if !matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == '<') {
                    start = position + 1;
                }
            }
            TokenTree::Ident(word) if word == "where" && depth == 0 => break,
            _ => {}
        }
        arrow = false;
    }
    let mut ty = header.get(start..).unwrap_or_default().iter();
    let Some(TokenTree::Ident(name)) = ty.next() else { return false };
    let ends = match ty.next() {
        Some(TokenTree::Punct(punct)) => punct.as_char() == '<',
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(TokenTree::Ident(word)) => word == "where",
        _ => false,
    };
    ends && local.contains(&name.to_string())
}

fn is_module(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(word), TokenTree::Ident(_)] if word == "mod")
}

/// Whether `name!` stands in front.
fn is_call(before: &[TokenTree]) -> bool {
    called(before).is_some()
}

fn called(before: &[TokenTree]) -> Option<&Ident> {
    match before {
        [.., TokenTree::Ident(name), TokenTree::Punct(mark)] if mark.as_char() == '!' => {
            let keyword = ["return", "in", "if", "while", "match", "else", "break", "move"];
            (!keyword.iter().any(|word| name == word)).then_some(name)
        }
        _ => None,
    }
}

fn unknown_macro(before: &[TokenTree]) -> Option<Hidden> {
    let name = called(before)?;
    let known = KNOWN_MACROS.iter().any(|known| name == known);
    (!known).then(|| Hidden::Macro(name.span(), name.to_string()))
}

fn ends_with(tokens: Option<&[TokenTree]>, mark: char) -> bool {
    matches!(tokens.and_then(<[TokenTree]>::last), Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

#[cfg(test)]
mod tests {
    use proc_macro2::{TokenStream, TokenTree};

    use super::{Hidden, in_body, in_expressions};

    fn finds(item: &str) -> Option<String> {
        in_expressions(&item.parse().unwrap()).map(|hidden| match hidden {
            Hidden::Item(word) => word.to_string(),
            Hidden::Macro(_, name) => name,
        })
    }

    #[test]
    fn functions_are_found_in_every_expression() {
        for item in [
            "const _: () = { impl Shop { pub fn wipe(&self) {} } };",
            "const N: usize = { #[allow(unused)] impl Shop {} 3 };",
            "const N: usize = { 1; unsafe impl Send for Shop {} 3 };",
            "static S: u8 = { { if true { impl Shop {} } } 1 };",
            "enum E { A = { impl Shop {} 0 } }",
            "type T = [u8; { impl Shop {} 3 }];",
            "struct S { field: [u8; { const fn len() -> usize { 3 } len() }] }",
            "const F: fn(&Shop) = { fn wipe(_: &Shop) {} wipe };",
            "const N: usize = size(&{ impl Shop {} 1 });",
            "const N: usize = assert!({ impl Shop {} true });",
            "const N: usize = concat!(impl Shop { fn wipe() {} });",
            "const N: usize = stringify! { impl Shop {} };",
        ] {
            assert!(finds(item).is_some_and(|it| it == "impl" || it == "fn"), "{item}");
        }
        assert_eq!(finds("const _: () = hidden!();").as_deref(), Some("hidden"));
        assert_eq!(finds("const _: () = crate::hidden! { x };").as_deref(), Some("hidden"));
    }

    #[test]
    fn what_is_no_function_is_left_alone() {
        for item in [
            "const F: fn(&Shop) -> u32 = other;",
            "struct S { call: for<'a> fn(&'a str), name: &'static str }",
            "const TEXT: &str = concat!(\"a\", env!(\"CARGO_PKG_NAME\"));",
            "const B: bool = { let a = !(1 == 2); a != (true) };",
            "enum E { A = 1, B = { 2 + 3 } }",
            "type T = Box<dyn Fn(u32) -> [u8; { 1 + 2 }]>;",
            "use a::{fn_like, b};",
            "const V: &[u8] = include_bytes!(\"x\");",
        ] {
            assert_eq!(finds(item), None, "{item}");
        }
    }

    fn is_found_in(body: &str) -> bool {
        match body.parse::<TokenStream>().unwrap().into_iter().next() {
            Some(TokenTree::Group(group)) => in_body(&group).is_some(),
            _ => false,
        }
    }

    #[test]
    fn an_implementation_for_a_type_of_elsewhere_is_found_in_a_body() {
        for body in [
            "{ impl Shop { pub fn wipe(&self) {} } }",
            "{ if true { impl Trait for Shop {} } }",
            "{ struct Local; impl Trait<Local> for Shop {} }",
            "{ struct Local; impl Trait for Vec<Local> {} }",
            "{ trait Wipe { fn wipe(&self) {} } impl<T> Wipe for T {} }",
            "{ { struct Shop; } impl Shop { pub fn wipe(&self) {} } }",
            "{ struct Shop; mod inner { use crate::Shop; impl Shop {} } }",
            "{ type Local = Shop; impl Local {} }",
            "{ struct Local; impl Local::Other {} }",
            "{ call(|| { impl Shop {} }) }",
            "{ make! { impl Shop {} } }",
            "{ let f = 1; unsafe impl Send for Shop {} }",
            "{ struct A<T>(T); impl<T: Fn() -> u8> Trait for Shop where T: Copy {} }",
        ] {
            assert!(is_found_in(body), "{body}");
        }
    }

    #[test]
    fn an_implementation_for_a_type_of_the_body_is_left_alone() {
        for body in [
            "{ struct Local; impl Local { fn get(&self) {} } impl std::fmt::Debug for Local {} }",
            "{ struct Local<T>(T); impl<T: Fn() -> u8> Local<T> {} }",
            "{ struct Local<T>(T); impl<'a, T> Visitor<'a> for Local<T> where T: Copy {} }",
            "{ enum Kind { A } if true { impl Kind {} } }",
            "{ fn helper(x: impl Fn() -> u8) -> impl Fn() { move || () } helper(|| 3) }",
            "{ let x: Box<dyn Fn(&str)> = make(); x(\"impl\") }",
            "{ mod inner { struct Own; impl Own {} } }",
        ] {
            assert!(!is_found_in(body), "{body}");
        }
    }
}
