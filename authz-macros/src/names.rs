//! Names and places that generated code shares: the hash of a wire name, a type in an id, the span
//! of the attribute, the path to the runtime.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{Result, Token};

/// FNV-1a, 64 bit.
///
/// INVARIANT: the same function as in `authz-core`'s `vocabulary::lookup`.
pub(crate) fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The place of the whole attribute, for what has no token of its own.
///
/// Resolved at `name`, a token of the user, so that the compiler doesn't add that the error
/// originates in a macro: it originates in what the user wrote.
pub(crate) fn attribute_span(name: &Ident) -> Span {
    Span::call_site().resolved_at(name.span())
}

/// Parses `$crate;`, with which the macros of the runtime tell where it is found.
pub(crate) fn parse_crate(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut path = TokenStream::new();
    while !input.peek(Token![;]) {
        path.extend([input.parse::<TokenTree>()?]);
    }
    input.parse::<Token![;]>()?;
    Ok(path)
}

/// A type or a path as it stands in an id: `Desk<'a,Order>`, with spaces between words only.
pub(crate) fn compact(tokens: TokenStream) -> String {
    let mut text = String::new();
    append(tokens, &mut text);
    text
}

fn append(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        let (open, close) = match &token {
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            },
            TokenTree::Punct(_) => ("", ""),
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                if text.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
                    text.push(' ');
                }
                ("", "")
            }
        };
        match token {
            TokenTree::Group(group) => {
                text.push_str(open);
                append(group.stream(), text);
                text.push_str(close);
            }
            other => text.push_str(&other.to_string()),
        }
    }
}
