//! `rule!(pub Refund = all(…), policy = …)`: parse → check → expand of a named requirement.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Ident, Path, Result, Token, Visibility};

use crate::args::{Slot, parse_path};
use crate::check;
use crate::comma::{parse_comma, skip_to_comma};
use crate::diag::{Errors, did_you_mean};
use crate::expand;
use crate::names::parse_crate;
use crate::requirement::{KEYS, Part, parse_key, parse_part};

/// A rule as written.
pub(crate) struct Rule {
    /// The path to the runtime, given by the macro around this one.
    pub(crate) krate: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// None where it could not be read; the fault is noted.
    pub(crate) requirement: Option<Part>,
    pub(crate) policy: Slot<Path>,
}

/// Expands `rule!`.
pub(crate) fn declare(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let parser = |input: ParseStream<'_>| parse(input, &mut errors);
    let parsed = parser.parse2(tokens);
    let rule = match parsed {
        Ok(rule) => rule,
        Err(error) => {
            errors.push(error);
            return errors.finish().err().map(|error| error.to_compile_error()).unwrap_or_default();
        }
    };
    if let Some(part) = &rule.requirement {
        check::check_parts(std::slice::from_ref(part), "rule", &mut errors);
        check_no_circle(&rule.name, part, &mut errors);
    }
    match errors.finish() {
        Ok(()) => expand::expand_rule(&rule),
        Err(error) => {
            let errors = error.to_compile_error();
            let fallback = expand::expand_faulty_rule(&rule);
            quote!(#errors #fallback)
        }
    }
}

fn parse(input: ParseStream<'_>, errors: &mut Errors) -> Result<Rule> {
    let mut rule = parse_head(input)?;
    let name = &rule.name;
    let nothing = |span: Span| {
        let message = format!("`{name}` stands for nothing; write `rule!(pub {name} = all(...))`");
        Error::new(span, message)
    };
    if input.is_empty() {
        return Err(nothing(name.span()));
    }
    let equals = input.parse::<Token![=]>().map_err(|error| {
        Error::new(error.span(), format!("expected `=` after `{name}`: `{name} = all(...)`"))
    })?;
    if input.is_empty() {
        return Err(nothing(equals.span));
    }
    rule.requirement = parse_requirement(input, errors);
    parse_comma(input, errors);
    while !input.is_empty() {
        if let Err(error) = parse_option(&mut rule, input) {
            errors.push(error);
            skip_to_comma(input);
        }
        parse_comma(input, errors);
    }
    Ok(rule)
}

/// Everything in front of `=`.
fn parse_head(input: ParseStream<'_>) -> Result<Rule> {
    let krate = parse_crate(input)?;
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    let message = "expected the name of the rule: `rule!(pub Refund = all(...))`";
    if input.is_empty() {
        let span = match &visibility {
            Visibility::Inherited => Span::call_site(),
            visibility => visibility.span(),
        };
        return Err(Error::new(span, message));
    }
    let name: Ident =
        input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), message))?;
    if syn::parse_str::<Ident>(&name.to_string()).is_err() {
        let message = format!("`{name}` can't name a rule; a rule is a type, such as `Refund`");
        return Err(Error::new(name.span(), message));
    }
    Ok(Rule { krate, attributes, visibility, name, requirement: None, policy: Slot::new() })
}

fn parse_requirement(input: ParseStream<'_>, errors: &mut Errors) -> Option<Part> {
    let parsed = parse_key(input).and_then(|key| parse_part(key, input, 0, errors));
    match parsed {
        Ok(part) => Some(part),
        Err(error) => {
            errors.push(error);
            skip_to_comma(input);
            None
        }
    }
}

fn parse_option(rule: &mut Rule, input: ParseStream<'_>) -> Result<()> {
    let key = parse_key(input)?;
    let word = key.to_string();
    match word.as_str() {
        "policy" => {
            let path = parse_path(&key, "crate::policy", input)?;
            rule.policy.set(key, path)
        }
        word if KEYS.contains(&word) => Err(Error::new(
            key.span(),
            "a rule is one requirement; join its parts with `all(..., ...)` or `any(..., ...)`",
        )),
        word => Err(Error::new(
            key.span(),
            format!(
                "unknown key `{word}` in `rule!`; expected `policy`{}",
                did_you_mean(word, &[&["policy"], KEYS].concat()),
            ),
        )),
    }
}

/// A rule that names itself. Circles of several rules are the compiler's to find.
fn check_no_circle(name: &Ident, part: &Part, errors: &mut Errors) {
    part.each_rule(&mut |path| {
        if path.is_ident(name) {
            errors.at(path.span(), format!("the rule `{name}` can't be a part of itself"));
        }
    });
}
