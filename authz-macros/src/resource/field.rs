//! Reads the fields, and what stands on each: who may read it, who may set it.

use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, FieldsNamed, Ident, Meta, Result, Type, Visibility};

use super::serde::Serde;
use crate::args::Slot;
use crate::comma::{parse_comma, skip_to_comma};
use crate::diag::{Errors, did_you_mean, one_of};
use crate::requirement::{Part, parse_group};

/// What `#[resource(…)]` on a field takes.
const KEYS: &[&str] = &["read", "write"];

/// What stands on the struct, and is looked for on a field.
const OF_THE_STRUCT: &[&str] = &["owner", "issuer", "tenant", "policy", "crate"];

pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) visibility: Visibility,
    /// What it takes to see it.
    pub(super) read: Slot<Vec<Part>>,
    /// What it takes to set it.
    pub(super) write: Slot<Vec<Part>>,
    /// What serde is told about it; read only where a field of the struct is masked.
    pub(super) serde: Serde,
}

impl Field {
    pub(super) fn is_masked(&self) -> bool {
        self.read.get().is_some() || self.write.get().is_some()
    }
}

pub(super) fn parse_fields(fields: FieldsNamed, errors: &mut Errors) -> Vec<Field> {
    let mut parsed = Vec::new();
    let mut attributes = Vec::new();
    for field in fields.named {
        let Some(ident) = field.ident else { continue };
        let mut raw = Field {
            ident,
            ty: field.ty,
            visibility: field.vis,
            read: Slot::new(),
            write: Slot::new(),
            serde: Serde::default(),
        };
        for attribute in field.attrs.iter().filter(|it| it.path().is_ident("resource")) {
            parse_attribute(&mut raw, attribute, errors);
        }
        parsed.push(raw);
        attributes.push(field.attrs);
    }
    if parsed.iter().any(Field::is_masked) {
        for (field, attributes) in parsed.iter_mut().zip(&attributes) {
            field.serde = Serde::parse(attributes, errors);
        }
    }
    parsed
}

fn parse_attribute(field: &mut Field, attribute: &Attribute, errors: &mut Errors) {
    if !matches!(attribute.meta, Meta::List(_)) {
        errors.at(
            attribute.path().span(),
            "`#[resource]` on a field takes who may see it or set it: \
             `#[resource(read(role = \"...\"))]`",
        );
        return;
    }
    let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = parse_arg(field, input, errors) {
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

fn parse_arg(field: &mut Field, input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format!("expected {}", one_of(KEYS))));
    }
    let key = input.call(Ident::parse_any)?;
    let slot = match key.to_string().as_str() {
        "read" => &mut field.read,
        "write" => &mut field.write,
        word => return Err(unknown_key(&key, word, &field.ident)),
    };
    let parts = parse_group(&key, input, 0, errors)?;
    slot.set(key, parts)
}

fn unknown_key(key: &Ident, word: &str, field: &Ident) -> Error {
    let message = if OF_THE_STRUCT.contains(&word) {
        let value = match word {
            "policy" => "crate::policy".to_owned(),
            "crate" => "::authz_core".to_owned(),
            _ => format!("\"{}\"", field.unraw()),
        };
        format!("`{word}` belongs on the struct: `#[resource({word} = {value})]`")
    } else {
        format!(
            "unknown key `{word}` in `#[resource]` on a field; expected {}{}",
            one_of(KEYS),
            did_you_mean(word, KEYS)
        )
    };
    Error::new(key.span(), message)
}
