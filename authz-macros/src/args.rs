//! The grammar between the parentheses of `#[requires(…)]`, `#[public(…)]` and `#[manual(…)]`.
//!
//! Everything is read and every fault noted before anything is judged; what can be judged only
//! with the function in view is in `check`.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token, parenthesized};

use crate::comma::{parse_comma, skip_to_comma};
use crate::diag::{Errors, did_you_mean, one_of};
use crate::requirement::{self, Part, PartKind, expected, parse_equals, parse_key, parse_string};
use crate::route::parse_route;

/// Which of the three attributes is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Requires,
    Public,
    Manual,
}

impl Access {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Requires => "requires",
            Self::Public => "public",
            Self::Manual => "manual",
        }
    }

    /// Whether it is a word of `#[requires]` that asks for something.
    fn takes(self, word: &str) -> bool {
        self == Self::Requires
            && (requirement::KEYS.contains(&word)
                || ["object", "any_owner", "shadow"].contains(&word))
    }

    /// The options that this attribute takes.
    const fn options(self) -> &'static [&'static str] {
        match self {
            Self::Requires => &[
                "identity",
                "policy",
                "crate",
                "route",
                "server",
                "unreachable",
                "object",
                "any_owner",
                "shadow",
            ],
            Self::Public => &["reason", "policy", "crate", "route"],
            Self::Manual => &["reason", "identity", "policy", "crate", "route"],
        }
    }
}

/// What stands between the parentheses, as written.
pub(crate) struct Args {
    pub(crate) access: Access,
    pub(crate) parts: Vec<Part>,
    /// What the blocks around ask for, the outermost first; filled in by `block`.
    pub(crate) inherited: Vec<Part>,
    pub(crate) identity: Slot<Expr>,
    pub(crate) policy: Slot<Path>,
    pub(crate) krate: Slot<Path>,
    pub(crate) reason: Slot<LitStr>,
    pub(crate) route: Slot<LitStr>,
    /// What tonic makes of the service that the block implements.
    pub(crate) server: Slot<Path>,
    /// The functions of a block that no caller reaches.
    pub(crate) unreachable: Slot<Vec<Ident>>,
    /// Whose objects it opens: `owner` or `any`.
    pub(crate) object: Slot<Ident>,
    /// Who is not held to it.
    pub(crate) any_owner: Slot<Vec<Part>>,
    /// The rule whose denials are logged and not made.
    pub(crate) shadow: Slot<Path>,
}

/// The value of a key that may stand once.
pub(crate) struct Slot<T> {
    value: Option<(Ident, T)>,
    inherited: bool,
}

impl<T> Slot<T> {
    pub(crate) const fn new() -> Self {
        Self { value: None, inherited: false }
    }

    /// The only way to fill a slot: a second value is a fault.
    pub(crate) fn set(&mut self, key: Ident, value: T) -> Result<()> {
        if self.value.is_some() {
            return Err(Error::new(key.span(), format!("`{key}` is given twice; remove one")));
        }
        self.value = Some((key, value));
        Ok(())
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().map(|(_, value)| value)
    }

    /// Takes over what the block around gives.
    pub(crate) fn inherit(&mut self, block: &Self)
    where
        T: Clone,
    {
        if block.value.is_some() {
            self.value.clone_from(&block.value);
            self.inherited = true;
        }
    }

    /// Drops what was said to be a fault.
    pub(crate) fn clear(&mut self) {
        self.value = None;
    }

    /// Whether the value, if there is one, is that of the block around.
    pub(crate) fn is_inherited(&self) -> bool {
        self.inherited
    }

    /// The key as written, for pointing at it.
    pub(crate) fn key(&self) -> Option<&Ident> {
        self.value.as_ref().map(|(key, _)| key)
    }
}

impl Args {
    /// Nothing between the parentheses.
    pub(crate) const fn new(access: Access) -> Self {
        Self {
            access,
            parts: Vec::new(),
            inherited: Vec::new(),
            identity: Slot::new(),
            policy: Slot::new(),
            krate: Slot::new(),
            reason: Slot::new(),
            route: Slot::new(),
            server: Slot::new(),
            unreachable: Slot::new(),
            object: Slot::new(),
            any_owner: Slot::new(),
            shadow: Slot::new(),
        }
    }
}

/// Parses the arguments, noting every fault in `errors`.
pub(crate) fn parse(access: Access, tokens: TokenStream, errors: &mut Errors) -> Args {
    let mut args = Args::new(access);
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = parse_arg(&mut args, input, errors) {
                errors.push(error);
                skip_to_comma(input);
                // Whatever it was meant to be, it was meant to be something: no second fault for
                // an attribute that now looks empty.
                args.parts.push(faulty());
            }
            parse_comma(input, errors);
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
    }
    args
}

fn parse_arg(args: &mut Args, input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
    if args.access != Access::Requires && input.peek(LitStr) {
        let reason: LitStr = input.parse()?;
        let word = args.access.word();
        let message =
            format!("the reason needs its key: write `#[{word}(reason = {:?})]`", reason.value());
        return Err(Error::new(reason.span(), message));
    }
    let key = parse_key(input)?;
    let word = key.to_string();
    if args.access.options().contains(&word.as_str()) {
        return parse_option(args, key, input, errors);
    }
    if args.access == Access::Requires && word != "reason" {
        let known: Vec<&str> = [requirement::KEYS, args.access.options()].concat();
        if !known.contains(&word.as_str()) && near_option(args.access, &word) {
            return Err(unknown_option(args.access, &key));
        }
        let part = requirement::parse_part(key, input, 0, errors)?;
        args.parts.push(part);
        return Ok(());
    }
    Err(unknown_option(args.access, &key))
}

/// Whether a word is closer to an option than to a part of a requirement.
fn near_option(access: Access, word: &str) -> bool {
    crate::diag::closest(word, access.options()).is_some()
        && crate::diag::closest(word, requirement::KEYS).is_none()
}

fn parse_option(
    args: &mut Args,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> Result<()> {
    match key.to_string().as_str() {
        "identity" => {
            parse_equals(&key, "who", input)?;
            let message =
                "`identity` takes the expression that carries the identity: `identity = who`";
            if input.is_empty() || input.peek(Token![,]) {
                return Err(Error::new(key.span(), message));
            }
            let value = input.parse().map_err(|_| expected(&key, input, message.to_owned()))?;
            args.identity.set(key, value)
        }
        "policy" => {
            let value = parse_path(&key, "crate::policy", input)?;
            args.policy.set(key, value)
        }
        "crate" => {
            let value = parse_path(&key, "::authz_core", input)?;
            args.krate.set(key, value)
        }
        "route" => {
            let value = parse_route(&key, input)?;
            args.route.set(key, value)
        }
        "server" => {
            let value = parse_path(&key, "OrdersServer", input)?;
            args.server.set(key, value)
        }
        "unreachable" => {
            let value = parse_list(&key, input, errors)?;
            args.unreachable.set(key, value)
        }
        "object" => {
            let value = parse_object(&key, input).unwrap_or_else(|error| {
                errors.push(error);
                skip_to_comma(input);
                // It was meant to say something: that its guard opens nothing is no second fault.
                Ident::new("owner", key.span())
            });
            args.object.set(key, value)
        }
        "shadow" => {
            let value = parse_path(&key, "Stricter", input)?;
            args.shadow.set(key, value)
        }
        "any_owner" => {
            let value = requirement::parse_group(&key, input, 0, errors)?;
            args.any_owner.set(key, value)
        }
        _ => {
            parse_equals(&key, "\"...\"", input)?;
            let value = parse_string(&key, "a string: `reason = \"...\"`", input)?;
            args.reason.set(key, value)
        }
    }
}

/// Whose objects.
fn parse_object(key: &Ident, input: ParseStream<'_>) -> Result<Ident> {
    parse_equals(key, "owner", input)?;
    let message = "`object` says whose objects are opened: `object = owner` for the caller's, \
                   `object = any` for everybody's";
    if !input.peek(Ident::peek_any) {
        return Err(expected(key, input, message.to_owned()));
    }
    let value = input.call(Ident::parse_any)?;
    if value == "owner" || value == "any" {
        Ok(value)
    } else {
        Err(Error::new(value.span(), message))
    }
}

/// The names of functions, in parentheses; those that can be read.
fn parse_list(key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Result<Vec<Ident>> {
    let message = format!("`{key}` takes the names of functions: `{key}(new, helper)`");
    let mut names = Vec::new();
    if !input.peek(syn::token::Paren) {
        errors.push(expected(key, input, message));
        skip_to_comma(input);
        return Ok(names);
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        errors.at(key.span(), &message);
    }
    while !content.is_empty() {
        let place = content.span();
        match content.call(Ident::parse_any) {
            Ok(name) if content.is_empty() || content.peek(Token![,]) => names.push(name),
            _ => {
                errors.at(place, &message);
                skip_to_comma(&content);
            }
        }
        parse_comma(&content, errors);
    }
    Ok(names)
}

pub(crate) fn parse_path(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<Path> {
    parse_equals(key, example, input)?;
    let message = format!("`{key}` takes a path: `{key} = {example}`");
    if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
        return Err(expected(key, input, message));
    }
    Path::parse_mod_style(input).map_err(|_| expected(key, input, message))
}

fn unknown_option(access: Access, key: &Ident) -> Error {
    let (word, attribute) = (key.to_string(), access.word());
    let message = match access {
        Access::Public | Access::Manual if Access::Requires.takes(&word) => {
            format!(
                "`#[{attribute}]` takes no requirement; write `#[requires({word} ...)]`, or \
                 `#[{attribute}(reason = \"...\")]`"
            )
        }
        Access::Requires if word == "reason" => {
            "`#[requires]` takes no `reason`; a comment on the \
             function explains it, and `#[public]` and `#[manual]` take one"
                .to_owned()
        }
        Access::Public if word == "identity" => "`#[public]` lets anyone in, so there is no \
             identity to check; remove `identity`, or write `#[requires(...)]`"
            .to_owned(),
        Access::Requires => {
            let known = [requirement::KEYS, access.options()].concat();
            format!("unknown key `{word}` in `#[requires]`{}", did_you_mean(&word, &known))
        }
        Access::Public | Access::Manual => format!(
            "unknown key `{word}` in `#[{attribute}]`; expected {}{}",
            one_of(access.options()),
            did_you_mean(&word, access.options())
        ),
    };
    Error::new(key.span(), message)
}

fn faulty() -> Part {
    Part { key: Ident::new("faulty", Span::call_site()), kind: PartKind::Faulty }
}
