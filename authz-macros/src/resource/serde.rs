//! What serde is told about a struct with masks, read where this crate has to change or to refuse it.
//!
//! Absent on purpose: the meaning of all else. It is given on as it stands, and serde judges it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path, Token};

use crate::diag::Errors;

/// What is told about a masked field, and is said in other words where it is printed.
pub(super) const REPLACED: &[&str] =
    &["with", "serialize_with", "deserialize_with", "skip_serializing_if", "default"];

/// What is told about the struct or about one field.
#[derive(Default)]
pub(super) struct Serde {
    metas: Vec<Meta>,
    /// What writes the field.
    pub(super) serialize: Option<Path>,
    /// What reads the field.
    pub(super) deserialize: Option<Path>,
    /// What says that the field is left out.
    pub(super) skip_if: Option<Path>,
    /// What makes the field where it is not there.
    pub(super) default: Option<Path>,
}

impl Serde {
    /// The arguments of every `#[serde(…)]` among the attributes.
    pub(super) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut told = Self::default();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
            match attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
                Ok(metas) => told.metas.extend(metas),
                Err(error) => errors.push(error),
            }
        }
        let path = |name, errors: &mut Errors| told.find(name).and_then(|it| path(it, errors));
        let inside = |item: &str, errors: &mut Errors| {
            let mut path = path("with", errors)?;
            path.segments.push(Ident::new(item, path.span()).into());
            Some(path)
        };
        Self {
            serialize: path("serialize_with", errors).or_else(|| inside("serialize", errors)),
            deserialize: path("deserialize_with", errors).or_else(|| inside("deserialize", errors)),
            skip_if: path("skip_serializing_if", errors),
            default: path("default", errors),
            ..told
        }
    }

    /// The argument of this name, if it is given.
    pub(super) fn find(&self, name: &str) -> Option<&Meta> {
        self.metas.iter().find(|meta| meta.path().is_ident(name))
    }

    /// The first of these that is given.
    pub(super) fn find_any(&self, names: &[&str]) -> Option<&Meta> {
        names.iter().find_map(|name| self.find(name))
    }

    /// All of it, as it stands.
    pub(super) fn whole(&self) -> TokenStream {
        self.without(&[])
    }

    /// All of it but the arguments of these names, as an attribute.
    pub(super) fn without(&self, names: &[&str]) -> TokenStream {
        let kept =
            self.metas.iter().filter(|meta| !names.iter().any(|it| meta.path().is_ident(it)));
        let kept: Vec<_> = kept.collect();
        if kept.is_empty() { TokenStream::new() } else { quote!(#[serde(#(#kept),*)]) }
    }
}

/// The path in `name = "path"`, at the place of the text; nothing for `name` alone.
fn path(meta: &Meta, errors: &mut Errors) -> Option<Path> {
    let Meta::NameValue(pair) = meta else { return None };
    let path = match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.parse().ok(),
        _ => None,
    };
    if path.is_none() {
        let name = meta.path().get_ident().map(ToString::to_string).unwrap_or_default();
        errors
            .at(pair.value.span(), format!("`{name}` takes a path in quotes: `{name} = \"...\"`"));
    }
    path
}
