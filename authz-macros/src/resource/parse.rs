//! Reads the struct and what stands on it; judges the grammar only.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Data, DeriveInput, Error, Fields, Generics, Ident, LitStr, Meta, Path, Result,
    Visibility,
};

use super::field::{Field, parse_fields};
use super::serde::Serde;

use crate::args::{Slot, parse_path};
use crate::comma::{parse_comma, skip_to_comma};
use crate::diag::{Errors, did_you_mean, one_of};
use crate::requirement::{parse_equals, parse_string, require_text};

/// What `#[resource(…)]` on the struct takes.
const KEYS: &[&str] = &["owner", "issuer", "tenant", "policy", "crate"];

/// The struct as written; every name may still be wrong.
pub(super) struct RawResource {
    pub(super) ident: Ident,
    pub(super) generics: Generics,
    /// `crate = …`
    pub(super) krate: Slot<Path>,
    pub(super) owner: Slot<LitStr>,
    pub(super) issuer: Slot<LitStr>,
    pub(super) tenant: Slot<LitStr>,
    /// The policy whose names the masks ask for.
    pub(super) policy: Slot<Path>,
    /// What serde is told on the struct.
    pub(super) serde: Serde,
    pub(super) visibility: Visibility,
    pub(super) fields: Vec<Field>,
    /// Whether something could not be read, and may have been anything.
    pub(super) is_faulty: bool,
}

impl RawResource {
    /// Whether a field says whose it is.
    pub(super) fn belongs_to_somebody(&self) -> bool {
        self.owner.get().is_some() || self.tenant.get().is_some()
    }

    /// The fields that are not for everybody, with the bit of each in a mask.
    pub(super) fn masked(&self) -> impl Iterator<Item = (u32, &Field)> + Clone {
        (0..).zip(self.fields.iter().filter(|field| field.is_masked()))
    }

    /// Those that only some may see.
    pub(super) fn read_masked(&self) -> impl Iterator<Item = (u32, &Field)> + Clone {
        self.masked().filter(|(_, field)| field.read.get().is_some())
    }

    /// Those that only some may set.
    pub(super) fn write_masked(&self) -> impl Iterator<Item = (u32, &Field)> + Clone {
        self.masked().filter(|(_, field)| field.write.get().is_some())
    }

    pub(super) fn krate(&self) -> TokenStream {
        self.krate.get().map_or_else(|| quote!(::authz_core), ToTokens::to_token_stream)
    }
}

pub(super) fn parse(input: DeriveInput, errors: &mut Errors) -> RawResource {
    let mut found = Errors::new();
    let mut raw = RawResource {
        ident: input.ident,
        generics: input.generics,
        krate: Slot::new(),
        owner: Slot::new(),
        issuer: Slot::new(),
        tenant: Slot::new(),
        policy: Slot::new(),
        serde: Serde::default(),
        visibility: input.vis,
        fields: Vec::new(),
        is_faulty: false,
    };
    for attribute in input.attrs.iter().filter(|it| it.path().is_ident("resource")) {
        parse_attribute(&mut raw, attribute, &mut found);
    }
    match input.data {
        Data::Struct(data) => match data.fields {
            Fields::Named(fields) => raw.fields = parse_fields(fields, &mut found),
            Fields::Unnamed(_) | Fields::Unit => {
                let what = "a struct whose fields have no names";
                reject_shape(&raw.ident, what, raw.ident.span(), &mut found);
            }
        },
        Data::Enum(data) => {
            reject_shape(&raw.ident, "an enum", data.enum_token.span, &mut found);
        }
        Data::Union(data) => {
            reject_shape(&raw.ident, "a union", data.union_token.span, &mut found);
        }
    }
    if raw.masked().next().is_some() {
        raw.serde = Serde::parse(&input.attrs, &mut found);
    }
    raw.is_faulty = errors.absorb(found);
    raw
}

fn reject_shape(ident: &Ident, what: &str, span: Span, errors: &mut Errors) {
    errors.at(
        span,
        format_args!(
            "`#[derive(Resource)]` takes a struct with named fields, one of which names the owner; \
             `{ident}` is {what}"
        ),
    );
}

fn parse_attribute(raw: &mut RawResource, attribute: &Attribute, errors: &mut Errors) {
    if !matches!(attribute.meta, Meta::List(_)) {
        errors.at(
            attribute.path().span(),
            "`#[resource]` takes the field that names the owner: `#[resource(owner = \"...\")]`",
        );
        return;
    }
    let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = parse_arg(raw, input) {
                errors.push(error);
                skip_to_comma(input);
            }
            parse_comma(input, errors);
        }
        Ok(())
    });
    if let Err(error) = parsed {
        errors.push(error);
    }
}

fn parse_arg(raw: &mut RawResource, input: ParseStream<'_>) -> Result<()> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format!("expected {}", one_of(KEYS))));
    }
    let key = input.call(Ident::parse_any)?;
    match key.to_string().as_str() {
        "owner" => parse_field(key, input, &mut raw.owner),
        "issuer" => parse_field(key, input, &mut raw.issuer),
        "tenant" => parse_field(key, input, &mut raw.tenant),
        "policy" => {
            let path = parse_path(&key, "crate::policy", input)?;
            raw.policy.set(key, path)
        }
        word @ ("read" | "write") => Err(Error::new(
            key.span(),
            format!(
                "`{word}` belongs on the field that it is about: `#[resource({word}(role = \"...\"))]`"
            ),
        )),
        "crate" => {
            let path = parse_path(&key, "::authz_core", input)?;
            raw.krate.set(key, path)
        }
        word => Err(Error::new(
            key.span(),
            format!(
                "unknown key `{word}` in `#[resource]`; expected {}{}",
                one_of(KEYS),
                did_you_mean(word, KEYS)
            ),
        )),
    }
}

fn parse_field(key: Ident, input: ParseStream<'_>, slot: &mut Slot<LitStr>) -> Result<()> {
    parse_equals(&key, "\"...\"", input)?;
    let form = format!("the name of a field in quotes: `{key} = \"...\"`");
    let name = parse_string(&key, &form, input)?;
    require_text(&key, &name)?;
    slot.set(key, name)
}
