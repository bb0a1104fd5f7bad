//! Judges `excludes(…)`: static separation of duty (ANSI INCITS 359), two roles that nobody may hold
//! together.

use proc_macro2::Span;

use super::check::{Positions, check_variant};
use super::closure::Row;
use super::parse::{RawVariant, RawVocabulary};
use crate::diag::Errors;

/// The pairs that exclude each other, each once, the lower index first.
pub(super) fn check(
    raw: &RawVocabulary,
    variants: &Positions,
    includes: &[Vec<usize>],
    rows: &[Row],
    errors: &mut Errors,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (index, variant) in raw.variants.iter().enumerate() {
        for (other, span) in check_excludes(raw, index, variant, variants, errors) {
            let pair = (index.min(other), index.max(other));
            // Said on both sides, it is one pair.
            if !pairs.contains(&pair) && check_held(raw, pair, span, includes, rows, errors) {
                pairs.push(pair);
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// The roles that one variant excludes, with where it says so.
fn check_excludes(
    raw: &RawVocabulary,
    index: usize,
    variant: &RawVariant,
    variants: &Positions,
    errors: &mut Errors,
) -> Vec<(usize, Span)> {
    let name = &variant.ident;
    let mut excluded: Vec<(usize, Span)> = Vec::new();
    for path in &variant.excludes {
        let Some((ident, other)) = check_variant(raw, "excludes", path, variants, errors) else {
            continue;
        };
        let span = ident.span();
        if other == index {
            errors.at(
                span,
                format_args!("`{name}` excludes itself, so nobody could hold it; remove it"),
            );
        } else if excluded.iter().any(|(known, _)| *known == other) {
            errors.at(span, format_args!("`{name}` excludes `{ident}` twice; remove one"));
        } else {
            excluded.push((other, span));
        }
    }
    excluded
}

/// Whether no role holds both sides. One that does is reported where it comes about: not again at
/// the roles that include it.
fn check_held(
    raw: &RawVocabulary,
    (left, right): (usize, usize),
    span: Span,
    includes: &[Vec<usize>],
    rows: &[Row],
    errors: &mut Errors,
) -> bool {
    let both = |name: usize| holds(&rows[name], left) && holds(&rows[name], right);
    let ident = |name: usize| &raw.variants[name].ident;
    let mut is_free = true;
    for name in (0..rows.len()).filter(|name| both(*name)) {
        is_free = false;
        if includes[name].iter().any(|included| both(*included)) {
            continue;
        }
        if name == left || name == right {
            let other = if name == left { right } else { left };
            errors.at(
                span,
                format_args!(
                    "`{0}` includes `{1}` and excludes it, so nobody could hold `{0}`; remove one \
                     of the two",
                    ident(name),
                    ident(other),
                ),
            );
        } else {
            errors.at(
                ident(name).span(),
                format_args!(
                    "`{0}` includes `{1}` and `{2}`, which exclude each other, so nobody could \
                     hold `{0}`; remove one of them from what it includes",
                    ident(name),
                    ident(left),
                    ident(right),
                ),
            );
        }
    }
    is_free
}

fn holds(row: &Row, name: usize) -> bool {
    row[name / 64] >> (name % 64) & 1 == 1
}
