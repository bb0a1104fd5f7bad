//! Reads the enum, its attributes and its documentation; judges the grammar only.

use proc_macro2::{Span, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseBuffer, ParseStream};
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Lit, LitStr, Meta, Path, Result,
    Token, Variant, Visibility, parenthesized, token,
};

use super::Kind;
use crate::diag::{self, Errors};

/// The enum as written; every part may still be wrong.
pub(super) struct RawVocabulary {
    pub(super) kind: Kind,
    pub(super) visibility: Visibility,
    pub(super) ident: Ident,
    /// `crate = …`
    pub(super) runtime: Option<Path>,
    pub(super) variants: Vec<RawVariant>,
    /// Whether `self as usize` gives the position: an enum whose variants are bare names.
    pub(super) is_plain: bool,
    /// An implementation could not be written without repeating the parameters.
    pub(super) is_generic: bool,
}

pub(super) struct RawVariant {
    pub(super) ident: Ident,
    pub(super) documentation: String,
    pub(super) wire: Option<LitStr>,
    pub(super) includes: Vec<Path>,
    pub(super) excludes: Vec<Path>,
    pub(super) grants: Vec<RawGrant>,
}

/// One entry of `grants(…)`.
pub(super) enum RawGrant {
    Variant(Path),
    Wire(LitStr),
}

pub(super) fn parse(kind: Kind, input: DeriveInput, errors: &mut Errors) -> RawVocabulary {
    let runtime = parse_container(kind, &input, errors);
    let is_generic = reject_generics(&input, errors);
    let (variants, is_plain) = match input.data {
        Data::Enum(data) => {
            let is_plain = require_names(kind, &input.ident, &data.variants, errors);
            let known: Vec<String> =
                data.variants.iter().map(|variant| variant.ident.unraw().to_string()).collect();
            let variants = data
                .variants
                .into_iter()
                .map(|variant| parse_variant(kind, variant, &known, errors))
                .collect();
            (variants, is_plain)
        }
        Data::Struct(data) => {
            reject_shape(kind, &input.ident, "struct", data.struct_token.span, errors);
            (Vec::new(), false)
        }
        Data::Union(data) => {
            reject_shape(kind, &input.ident, "union", data.union_token.span, errors);
            (Vec::new(), false)
        }
    };
    RawVocabulary {
        kind,
        visibility: input.vis,
        ident: input.ident,
        runtime,
        variants,
        is_plain,
        is_generic,
    }
}

fn reject_shape(kind: Kind, ident: &Ident, shape: &str, span: Span, errors: &mut Errors) {
    errors.at(
        span,
        format_args!(
            "`#[derive({})]` takes an enum with one variant for each {}; `{ident}` is a {shape}",
            kind.title(),
            kind.word(),
        ),
    );
}

fn reject_generics(input: &DeriveInput, errors: &mut Errors) -> bool {
    let generics = &input.generics;
    let span = if !generics.params.is_empty() {
        generics.span()
    } else if let Some(clause) = &generics.where_clause {
        clause.where_token.span
    } else {
        return false;
    };
    errors.at(
        span,
        format_args!(
            "`{}` is generic, and a vocabulary is one list of names fixed at compile time; remove \
             the parameters",
            input.ident,
        ),
    );
    true
}

/// Whether each variant is a bare name, and there is one at all.
fn require_names<'a>(
    kind: Kind,
    ident: &Ident,
    variants: impl IntoIterator<Item = &'a Variant>,
    errors: &mut Errors,
) -> bool {
    let word = kind.word();
    let (mut is_plain, mut is_empty) = (true, true);
    for variant in variants {
        is_empty = false;
        let name = &variant.ident;
        if !matches!(variant.fields, Fields::Unit) {
            is_plain = false;
            errors.at(
                variant.fields.span(),
                format_args!("`{name}` has fields, and a {word} is a name alone; remove them"),
            );
        }
        if let Some((equals, value)) = &variant.discriminant {
            is_plain = false;
            errors.at(
                value.span(),
                format_args!(
                    "`{name}` has an explicit discriminant, and the number of a {word} is its \
                     position in the enum; remove `{} {}`",
                    equals.to_token_stream(),
                    value.to_token_stream(),
                ),
            );
        }
    }
    if is_empty {
        errors.at(
            ident.span(),
            format_args!(
                "`{ident}` has no variants, and a vocabulary names at least one {word}; add a \
                 variant"
            ),
        );
    }
    is_plain && !is_empty
}

/// The attributes of the enum: `crate = path`.
fn parse_container(kind: Kind, input: &DeriveInput, errors: &mut Errors) -> Option<Path> {
    let mut runtime = None;
    for attribute in &input.attrs {
        if attribute.path().is_ident(kind.plural()) {
            let Some(()) = require_arguments(attribute, "crate = path", errors) else {
                continue;
            };
            let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
                parse_runtime(kind, input, &mut runtime, errors)
            });
            if let Err(error) = parsed {
                errors.push(error);
            }
        } else if let Some(other) = vocabulary_attribute(attribute) {
            let hint = if other == kind.word() {
                format!(
                    "`#[{other}(...)]` belongs on a variant; the enum takes \
                     `#[{}(crate = path)]`",
                    kind.plural()
                )
            } else {
                wrong_kind(kind, &input.ident, other)
            };
            errors.at(attribute.path().span(), hint);
        }
    }
    runtime
}

fn parse_runtime(
    kind: Kind,
    input: ParseStream<'_>,
    runtime: &mut Option<Path>,
    errors: &mut Errors,
) -> Result<()> {
    while !input.is_empty() {
        let key = parse_key(input, "`crate = path`")?;
        if key != "crate" {
            let name = key.to_string();
            errors.at(
                key.span(),
                format_args!(
                    "unknown key `{name}` in `#[{}]`; expected `crate`{}",
                    kind.plural(),
                    diag::did_you_mean(&name, &["crate"]),
                ),
            );
            skip_value(input)?;
        } else if !input.peek(Token![=]) {
            errors.at(
                key.span(),
                "`crate` takes the path to the renamed `authz_core`: `crate = path`",
            );
            skip_value(input)?;
        } else {
            input.parse::<Token![=]>()?;
            if input.peek(Lit) {
                let literal: Lit = input.parse()?;
                errors.at(literal.span(), "`crate` takes a path without quotes: `crate = path`");
            } else {
                let path = Path::parse_mod_style(input)?;
                if runtime.is_some() {
                    errors.at(key.span(), "repeated key `crate`; give the path once");
                }
                *runtime = Some(path);
            }
        }
        parse_comma(input)?;
    }
    Ok(())
}

fn parse_variant(
    kind: Kind,
    variant: Variant,
    known: &[String],
    errors: &mut Errors,
) -> RawVariant {
    let mut raw = RawVariant {
        documentation: documentation(&variant.attrs),
        ident: variant.ident,
        wire: None,
        includes: Vec::new(),
        excludes: Vec::new(),
        grants: Vec::new(),
    };
    let mut seen = Vec::new();
    for attribute in &variant.attrs {
        if attribute.path().is_ident(kind.word()) {
            let Some(()) = require_arguments(attribute, "\"wire-name\"", errors) else {
                continue;
            };
            let mut arguments = Arguments { kind, known, raw: &mut raw, seen: &mut seen, errors };
            if let Err(error) =
                attribute.parse_args_with(|input: ParseStream<'_>| arguments.parse(input))
            {
                errors.push(error);
            }
        } else if let Some(other) = vocabulary_attribute(attribute) {
            let hint = if other == kind.plural() {
                format!(
                    "`#[{other}(...)]` belongs on the enum; a variant takes `#[{}(...)]`",
                    kind.word()
                )
            } else {
                wrong_kind(kind, &raw.ident, other)
            };
            errors.at(attribute.path().span(), hint);
        }
    }
    raw
}

/// The arguments of one `#[role(…)]` or `#[scope(…)]`.
struct Arguments<'a> {
    kind: Kind,
    /// The variants of the enum.
    known: &'a [String],
    raw: &'a mut RawVariant,
    /// The keys read so far, of all attributes of the variant.
    seen: &'a mut Vec<String>,
    errors: &'a mut Errors,
}

impl Arguments<'_> {
    fn parse(&mut self, input: ParseStream<'_>) -> Result<()> {
        let mut is_first = true;
        while !input.is_empty() {
            if input.peek(Lit) {
                let literal: Lit = input.parse()?;
                self.wire_name(literal, is_first);
            } else {
                self.key(input)?;
            }
            is_first = false;
            parse_comma(input)?;
        }
        Ok(())
    }

    fn wire_name(&mut self, literal: Lit, is_first: bool) {
        let word = self.kind.word();
        let Some(name) = require_string(literal, "a wire name", self.errors) else {
            return;
        };
        if self.raw.wire.is_some() {
            self.errors.at(
                name.span(),
                format_args!("`{}` has a wire name already; give one only", self.raw.ident),
            );
            return;
        }
        if !is_first {
            self.errors.at(
                name.span(),
                format_args!(
                    "the wire name stands first: `#[{word}({}, ...)]`",
                    name.to_token_stream(),
                ),
            );
        }
        self.raw.wire = Some(name);
    }

    fn key(&mut self, input: ParseStream<'_>) -> Result<()> {
        let expected = match self.kind {
            Kind::Role => "a wire name, `includes(...)`, `excludes(...)` or `grants(...)`",
            Kind::Scope => "a wire name or `includes(...)`",
        };
        let key = parse_key(input, expected)?;
        let name = key.to_string();
        match (name.as_str(), self.kind) {
            ("includes", _) | ("excludes" | "grants", Kind::Role) => {
                if self.seen.contains(&name) {
                    self.errors.at(
                        key.span(),
                        format_args!("repeated key `{name}`; write all names in one `{name}(...)`"),
                    );
                }
                self.list(&key, &name, input)?;
                self.seen.push(name);
            }
            ("grants", Kind::Scope) => {
                self.errors.at(
                    key.span(),
                    "only roles grant; a scope that covers another says `includes(...)`",
                );
                skip_value(input)?;
            }
            ("excludes", Kind::Scope) => {
                self.errors.at(
                    key.span(),
                    "only roles exclude each other: separation of duty is about who somebody is, \
                     and a token may carry any scopes",
                );
                skip_value(input)?;
            }
            _ => {
                self.unknown(&key, &name);
                skip_value(input)?;
            }
        }
        Ok(())
    }

    fn unknown(&mut self, key: &Ident, name: &str) {
        let word = self.kind.word();
        let keys: &[&str] = match self.kind {
            Kind::Role => &["includes", "excludes", "grants"],
            Kind::Scope => &["includes"],
        };
        let hint = if self.known.iter().any(|variant| variant == name) {
            format!("; to include it, write `includes({name})`")
        } else if matches!(name, "name" | "rename" | "wire" | "wire_name") {
            format!("; the wire name stands alone: `#[{word}(\"...\")]`")
        } else {
            diag::did_you_mean(name, keys)
        };
        self.errors.at(
            key.span(),
            format_args!(
                "unknown key `{name}` in `#[{word}]`; expected {}{hint}",
                diag::one_of(keys),
            ),
        );
    }

    /// `includes(A, B)`, `excludes(A, B)` or `grants(A, "b")`, after the key.
    fn list(&mut self, key: &Ident, name: &str, input: ParseStream<'_>) -> Result<()> {
        if !input.peek(token::Paren) {
            self.errors.at(
                key.span(),
                format_args!("`{name}` takes its names in parentheses: `{name}(...)`"),
            );
            return skip_value(input);
        }
        let content;
        parenthesized!(content in input);
        if content.is_empty() {
            self.errors.at(
                key.span(),
                format_args!("empty `{name}()`; write at least one name, or leave it out"),
            );
        }
        while !content.is_empty() {
            match name {
                "includes" => {
                    let included = self.variant(name, &content)?;
                    self.raw.includes.extend(included);
                }
                "excludes" => {
                    let excluded = self.variant(name, &content)?;
                    self.raw.excludes.extend(excluded);
                }
                _ => self.granted(&content)?,
            }
            parse_comma(&content)?;
        }
        Ok(())
    }

    /// A variant of this enum; a literal in its place is noted.
    fn variant(&mut self, key: &str, content: &ParseBuffer<'_>) -> Result<Option<Path>> {
        if content.peek(Lit) {
            let literal: Lit = content.parse()?;
            self.errors.at(
                literal.span(),
                format_args!("`{key}` takes variants of this enum, not literals: `{key}(Variant)`"),
            );
            return Ok(None);
        }
        Path::parse_mod_style(content)
            .map(Some)
            .map_err(|error| syn::Error::new(error.span(), "expected a variant of this enum"))
    }

    fn granted(&mut self, content: &ParseBuffer<'_>) -> Result<()> {
        if content.peek(Lit) {
            let literal: Lit = content.parse()?;
            if let Some(name) = require_string(literal, "a scope", self.errors) {
                self.raw.grants.push(RawGrant::Wire(name));
            }
        } else {
            let path = Path::parse_mod_style(content).map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "expected a scope: `Scope::Variant` or its wire name as a string",
                )
            })?;
            self.raw.grants.push(RawGrant::Variant(path));
        }
        Ok(())
    }
}

fn require_string(literal: Lit, what: &str, errors: &mut Errors) -> Option<LitStr> {
    match literal {
        Lit::Str(text) if text.suffix().is_empty() => Some(text),
        other => {
            errors.at(
                other.span(),
                format_args!(
                    "{what} is a string without a suffix, not `{}`; write `\"...\"`",
                    other.to_token_stream()
                ),
            );
            None
        }
    }
}

/// Leave to parse the arguments: `#[role(…)]` with something in it.
fn require_arguments(attribute: &Attribute, example: &str, errors: &mut Errors) -> Option<()> {
    let name = attribute.path().to_token_stream();
    match &attribute.meta {
        Meta::List(list) if list.tokens.is_empty() => {
            errors.at(
                attribute.path().span(),
                format_args!("empty `#[{name}()]`; write `#[{name}({example})]`, or leave it out"),
            );
            None
        }
        Meta::List(_) => Some(()),
        Meta::Path(_) | Meta::NameValue(_) => {
            errors.at(
                attribute.path().span(),
                format_args!(
                    "`#[{name}]` takes its arguments in parentheses: `#[{name}({example})]`"
                ),
            );
            None
        }
    }
}

/// The name of an attribute that belongs to one of the derives.
fn vocabulary_attribute(attribute: &Attribute) -> Option<&'static str> {
    [Kind::Role, Kind::Scope]
        .into_iter()
        .flat_map(|kind| [kind.word(), kind.plural()])
        .find(|name| attribute.path().is_ident(name))
}

fn wrong_kind(kind: Kind, ident: &Ident, found: &str) -> String {
    let replacement = if found == kind.other().word() { kind.word() } else { kind.plural() };
    format!(
        "`#[{found}(...)]` on `{ident}`, which `#[derive({})]` makes a {}; write \
         `#[{replacement}(...)]`",
        kind.title(),
        if replacement == kind.word() {
            kind.word().to_owned()
        } else {
            format!("vocabulary of {}", kind.plural())
        },
    )
}

fn parse_key(input: ParseStream<'_>, expected: &str) -> Result<Ident> {
    Ident::parse_any(input)
        .map_err(|error| syn::Error::new(error.span(), format_args!("expected {expected}")))
}

fn parse_comma(input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    input
        .parse::<Token![,]>()
        .map(drop)
        .map_err(|error| syn::Error::new(error.span(), "expected `,` or the end of the list"))
}

/// Leaves out the rest of an argument that was already reported.
fn skip_value(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The lines of the `///` comments, without the space that follows the slashes.
fn documentation(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("doc")
            && let Meta::NameValue(pair) = &attribute.meta
            && let Some(text) = string(&pair.value)
        {
            // `split`, not `lines`: an empty comment line parts two paragraphs.
            lines.extend(
                text.split('\n')
                    .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()),
            );
        }
    }
    lines.join("\n").trim().to_owned()
}

/// The text of a literal, also inside the invisible group that a `macro_rules!` puts around it.
fn string(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(group) => string(&group.expr),
        _ => None,
    }
}
