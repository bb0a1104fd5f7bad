//! Reads the struct and its attributes; judges the grammar only.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Data, DeriveInput, Error, Fields, FieldsNamed, Generics, Ident, LitStr, Meta, Path,
    Result, Type,
};

use crate::args::{Slot, parse_path};
use crate::comma::{parse_comma, skip_to_comma};
use crate::diag::{Errors, did_you_mean, one_of};
use crate::requirement::{parse_equals, parse_string, require_text};

/// What `#[resource(…)]` on the struct takes.
const KEYS: &[&str] = &["owner", "issuer", "tenant", "crate"];

/// The struct as written; every name may still be wrong.
pub(super) struct RawResource {
    pub(super) ident: Ident,
    pub(super) generics: Generics,
    /// `crate = …`
    pub(super) krate: Slot<Path>,
    pub(super) owner: Slot<LitStr>,
    pub(super) issuer: Slot<LitStr>,
    pub(super) tenant: Slot<LitStr>,
    pub(super) fields: Vec<Field>,
    /// Whether something could not be read, and may have been anything.
    pub(super) is_faulty: bool,
}

pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) ty: Type,
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

fn parse_fields(fields: FieldsNamed, errors: &mut Errors) -> Vec<Field> {
    fields
        .named
        .into_iter()
        .filter_map(|field| {
            for attribute in field.attrs.iter().filter(|it| it.path().is_ident("resource")) {
                errors.at(
                    attribute.path().span(),
                    "`#[resource(...)]` belongs on the struct, and names its fields: \
                     `#[resource(owner = \"...\")]`",
                );
            }
            Some(Field { ident: field.ident?, ty: field.ty })
        })
        .collect()
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
