//! Judges names, hierarchy and grants. What is faulty is reported and left out of the result.

use std::collections::HashMap;

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Path, Visibility};

use super::Kind;
use super::closure::{self, Circle, Row, Step};
use super::exclusion;
use super::parse::{RawGrant, RawVariant, RawVocabulary};
use crate::diag::{self, Errors};
use crate::names;
use crate::text;

/// A vocabulary without faults.
pub(super) struct Vocabulary {
    pub(super) kind: Kind,
    pub(super) visibility: Visibility,
    pub(super) ident: Ident,
    pub(super) runtime: Option<Path>,
    pub(super) is_plain: bool,
    pub(super) is_generic: bool,
    pub(super) variants: Vec<Ident>,
    pub(super) names: Vec<String>,
    pub(super) documentation: Vec<String>,
    pub(super) includes: Vec<Vec<usize>>,
    /// Pairs of roles that nobody may hold together.
    pub(super) excludes: Vec<(usize, usize)>,
    /// The steps that make the closure.
    pub(super) steps: Vec<Step>,
    /// Hash and index, ascending by hash.
    pub(super) sorted: Vec<(u64, usize)>,
    /// The index of a role and what it grants.
    pub(super) grants: Vec<(usize, RawGrant)>,
}

pub(super) fn check(raw: RawVocabulary, errors: &mut Errors) -> Vocabulary {
    let names = check_names(&raw, errors);
    let sorted = check_distinct(&raw, &names, errors);
    let variants = positions(&raw);
    let Hierarchy { includes, rows, steps } = check_hierarchy(&raw, &variants, errors);
    let excludes = exclusion::check(&raw, &variants, &includes, &rows, errors);
    let mut vocabulary = Vocabulary {
        kind: raw.kind,
        visibility: raw.visibility,
        ident: raw.ident,
        runtime: raw.runtime,
        is_plain: raw.is_plain,
        is_generic: raw.is_generic,
        variants: Vec::new(),
        names,
        documentation: Vec::new(),
        includes,
        excludes,
        steps,
        sorted,
        grants: Vec::new(),
    };
    for (index, variant) in raw.variants.into_iter().enumerate() {
        vocabulary.grants.extend(
            check_grants(&variant.ident, variant.grants, errors).map(|grant| (index, grant)),
        );
        // A paragraph may end, and a column may be set apart; nothing else is to be hidden in it.
        let plain = variant.documentation.replace(['\n', '\t'], " ");
        if let Some(bad) = text::hidden_in(&plain) {
            errors.at(
                variant.ident.span(),
                format_args!(
                    "the documentation of `{}` contains {}",
                    variant.ident,
                    text::fault(bad)
                ),
            );
        }
        vocabulary.variants.push(variant.ident);
        vocabulary.documentation.push(variant.documentation);
    }
    vocabulary
}

/// The wire name of each variant. A faulty one is kept: it is still the name that was meant.
fn check_names(raw: &RawVocabulary, errors: &mut Errors) -> Vec<String> {
    raw.variants
        .iter()
        .map(|variant| {
            let derived = kebab_case(&variant.ident.unraw().to_string());
            match &variant.wire {
                Some(literal) if literal.value().is_empty() => {
                    errors.at(
                        literal.span(),
                        format_args!(
                            "empty wire name; write a name, or leave it out for `{derived}`, \
                             which follows from the variant"
                        ),
                    );
                    derived
                }
                Some(literal) => {
                    check_characters(raw.kind, &literal.value(), literal.span(), errors);
                    literal.value()
                }
                None => {
                    if let Some(character) = derived.chars().find(|c| !is_scope_character(*c)) {
                        errors.at(
                            variant.ident.span(),
                            format_args!(
                                "the variant `{}` gives no wire name, because `{character}` is \
                                 not allowed in one ({RULE}); set it with `#[{}(\"...\")]`",
                                variant.ident,
                                raw.kind.word(),
                            ),
                        );
                    }
                    derived
                }
            }
        })
        .collect()
}

const RULE: &str = "RFC 6749, section 3.3: printable ASCII without space, `\"` and `\\`";

/// Roles have to keep to the alphabet of scopes: both travel in tokens, headers and lists that
/// are separated by spaces.
fn check_characters(kind: Kind, name: &str, span: Span, errors: &mut Errors) {
    let word = kind.word();
    match name.chars().find(|c| !is_scope_character(*c)) {
        None => {}
        Some(' ') => errors.at(
            span,
            format_args!(
                "a {word} can't contain a space, which separates names in a token ({RULE}): \
                 `{name}`; write one variant for each {word}"
            ),
        ),
        Some(character) => errors.at(
            span,
            format_args!(
                "a {word} can't contain `{}` ({RULE}): `{}`",
                character.escape_debug(),
                name.escape_debug(),
            ),
        ),
    }
}

/// RFC 6749, section 3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
fn is_scope_character(character: char) -> bool {
    character.is_ascii_graphic() && character != '"' && character != '\\'
}

/// `ShopAdmin` → `shop-admin`, `HTTPClient` → `http-client`, `Level2` → `level2`.
fn kebab_case(variant: &str) -> String {
    let characters: Vec<char> = variant.chars().collect();
    let mut name = String::new();
    for (position, &character) in characters.iter().enumerate() {
        if character == '_' {
            if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            continue;
        }
        let after_small = position > 0
            && (characters[position - 1].is_lowercase() || characters[position - 1].is_numeric());
        let before_small = characters.get(position + 1).is_some_and(|next| next.is_lowercase());
        if character.is_uppercase()
            && (after_small || before_small)
            && !name.is_empty()
            && !name.ends_with('-')
        {
            name.push('-');
        }
        name.extend(character.to_lowercase());
    }
    name.trim_end_matches('-').to_owned()
}

/// Two names, or two names with one hash, could not be told apart in the table.
fn check_distinct(raw: &RawVocabulary, names: &[String], errors: &mut Errors) -> Vec<(u64, usize)> {
    let word = raw.kind.word();
    let mut owners: HashMap<u64, usize> = HashMap::with_capacity(names.len());
    let mut sorted = Vec::with_capacity(names.len());
    for (index, (name, variant)) in names.iter().zip(&raw.variants).enumerate() {
        let hash = names::hash(name);
        if let Some(&owner) = owners.get(&hash) {
            let span = variant.wire.as_ref().map_or_else(|| variant.ident.span(), LitStr::span);
            let (first, second) = (&raw.variants[owner].ident, &variant.ident);
            let fault = if names[owner] == *name {
                format!(
                    "`{first}` and `{second}` have one wire name, `{name}`, and a token could \
                         not tell them apart"
                )
            } else {
                format!(
                    "the wire names `{}` and `{name}` of `{first}` and `{second}` have one \
                         hash, by which names are found",
                    names[owner]
                )
            };
            errors.at(
                span,
                format_args!("{fault}; give one of them another with `#[{word}(\"...\")]`"),
            );
        } else {
            owners.insert(hash, index);
            sorted.push((hash, index));
        }
    }
    sorted.sort_unstable();
    sorted
}

/// What includes what.
struct Hierarchy {
    /// The edges of `includes`, without circles.
    includes: Vec<Vec<usize>>,
    /// Their closure.
    rows: Vec<Row>,
    /// The steps to the closure.
    steps: Vec<Step>,
}

/// The variants by name.
pub(super) type Positions = HashMap<String, usize>;

fn positions(raw: &RawVocabulary) -> Positions {
    raw.variants
        .iter()
        .enumerate()
        .map(|(index, variant)| (variant.ident.unraw().to_string(), index))
        .collect()
}

fn check_hierarchy(raw: &RawVocabulary, variants: &Positions, errors: &mut Errors) -> Hierarchy {
    let mut edges: Vec<Vec<(usize, Span)>> = raw
        .variants
        .iter()
        .enumerate()
        .map(|(index, variant)| check_includes(raw, index, variant, variants, errors))
        .collect();
    let mut walk = closure::walk(&targets(&edges));
    if !walk.circles.is_empty() {
        for circle in &walk.circles {
            let (name, edge) = circle.closed_by;
            errors.at(edges[name][edge].1, circle_message(raw, circle));
        }
        // Backwards, so that the position of an edge still to be removed stays true.
        walk.circles.sort_unstable_by_key(|circle| circle.closed_by);
        for circle in walk.circles.iter().rev() {
            let (name, edge) = circle.closed_by;
            edges[name].remove(edge);
        }
        walk = closure::walk(&targets(&edges));
    }
    let includes = targets(&edges);
    let rows = closure::close(&includes, &walk.order);
    let steps = closure::steps(&includes, &walk.order, &rows);
    Hierarchy { includes, rows, steps }
}

fn targets(edges: &[Vec<(usize, Span)>]) -> Vec<Vec<usize>> {
    edges.iter().map(|edges| edges.iter().map(|(target, _)| *target).collect()).collect()
}

fn check_includes(
    raw: &RawVocabulary,
    index: usize,
    variant: &RawVariant,
    variants: &Positions,
    errors: &mut Errors,
) -> Vec<(usize, Span)> {
    let mut edges: Vec<(usize, Span)> = Vec::new();
    for path in &variant.includes {
        let Some((ident, target)) = check_variant(raw, "includes", path, variants, errors) else {
            continue;
        };
        if target == index {
            errors.at(
                ident.span(),
                format_args!("every {} includes itself; remove `{ident}`", raw.kind.word()),
            );
        } else if edges.iter().any(|(known, _)| *known == target) {
            errors.at(
                ident.span(),
                format_args!("`{}` includes `{ident}` twice; remove one", variant.ident),
            );
        } else {
            edges.push((target, ident.span()));
        }
    }
    edges
}

/// The variant that `X`, `Self::X` or `Enum::X` names.
pub(super) fn check_variant<'a>(
    raw: &RawVocabulary,
    key: &str,
    path: &'a Path,
    variants: &Positions,
    errors: &mut Errors,
) -> Option<(&'a Ident, usize)> {
    let segments: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
    let ident = match segments.as_slice() {
        [ident] if path.leading_colon.is_none() => *ident,
        [owner, ident]
            if path.leading_colon.is_none() && (*owner == "Self" || **owner == raw.ident) =>
        {
            *ident
        }
        _ => {
            errors.at(
                path.span(),
                format_args!(
                    "`{key}` takes variants of `{}`, not `{}`; it stays within one vocabulary",
                    raw.ident,
                    written(path),
                ),
            );
            return None;
        }
    };
    let name = ident.unraw().to_string();
    let found = variants.get(&name);
    if found.is_none() {
        let known: Vec<String> =
            raw.variants.iter().map(|variant| variant.ident.unraw().to_string()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        errors.at(
            ident.span(),
            format_args!(
                "`{name}` is not a variant of `{}`{}",
                raw.ident,
                diag::did_you_mean(&name, &known),
            ),
        );
    }
    found.map(|index| (ident, *index))
}

fn circle_message(raw: &RawVocabulary, circle: &Circle) -> String {
    const SHOWN: usize = 8;
    let quoted = |name: &usize| format!("`{}`", raw.variants[*name].ident);
    let mut way: Vec<String> = circle.members.iter().take(SHOWN).map(quoted).collect();
    if circle.members.len() > SHOWN {
        way.push("…".to_owned());
        way.extend(circle.members.last().map(quoted));
    }
    way.extend(circle.members.first().map(quoted));
    format!(
        "`includes` goes round in a circle: {}; a {} can't include itself: remove one of the steps",
        way.join(" → "),
        raw.kind.word(),
    )
}

fn check_grants(
    role: &Ident,
    grants: Vec<RawGrant>,
    errors: &mut Errors,
) -> impl Iterator<Item = RawGrant> {
    let mut kept: Vec<(String, RawGrant)> = Vec::new();
    for grant in grants {
        let (key, shown, span) = match &grant {
            RawGrant::Variant(path) if path.segments.len() < 2 => {
                errors.at(
                    path.span(),
                    format_args!(
                        "`{0}` does not say whose variant it is; write `Scope::{0}`, with the \
                         enum of the scopes, or the wire name as a string",
                        written(path),
                    ),
                );
                continue;
            }
            RawGrant::Variant(path) => (written(path), written(path), path.span()),
            RawGrant::Wire(name) => {
                let value = name.value();
                if value.is_empty() {
                    errors.at(name.span(), "empty wire name; write the name of a scope");
                    continue;
                }
                check_characters(Kind::Scope, &value, name.span(), errors);
                (format!("\"{value}"), value, name.span())
            }
        };
        if kept.iter().any(|(known, _)| *known == key) {
            errors.at(span, format_args!("`{role}` grants `{shown}` twice; remove one"));
        } else {
            kept.push((key, grant));
        }
    }
    kept.into_iter().map(|(_, grant)| grant)
}

/// A path as the user wrote it, without the spaces that tokens are printed with.
fn written(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}
