//! Judges what stands on the fields: who may read and set them, beside what serde is told.

use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::field::Field;
use super::parse::RawResource;
use crate::args::Slot;
use crate::check::check_parts;
use crate::diag::Errors;
use crate::requirement::{Part, PartKind};

/// A mask is bits of one number.
const MAX_MASKED: usize = 64;

/// Notes every fault of the masks.
pub(super) fn check(raw: &RawResource, errors: &mut Errors) {
    check_number(raw, errors);
    check_no_parameters(raw, errors);
    check_one_shape(raw, errors);
    for (_, field) in raw.masked() {
        check_mask(&field.read, errors);
        check_mask(&field.write, errors);
        check_seen(field, errors);
        check_given(field, errors);
    }
}

fn check_number(raw: &RawResource, errors: &mut Errors) {
    if let Some((_, field)) = raw.masked().nth(MAX_MASKED) {
        let ident = &raw.ident;
        errors.at(
            field.ident.span(),
            format_args!(
                "`{ident}` has more than {MAX_MASKED} fields that are not for everybody; put those \
                 that are for the same people into a struct of their own"
            ),
        );
    }
}

/// Whether a type implements a trait of serde past its masks is known of one type, not of many.
fn check_no_parameters(raw: &RawResource, errors: &mut Errors) {
    if let Some(parameter) = raw.generics.params.first() {
        let ident = &raw.ident;
        errors.at(
            parameter.span(),
            format_args!(
                "`{ident}` has fields that are not for everybody, and such a struct takes no \
                 parameters; write it for the types that are meant"
            ),
        );
    }
}

/// What serde would take in place of the fields goes past their masks.
fn check_one_shape(raw: &RawResource, errors: &mut Errors) {
    let refused: &[&str] = &["into", "from", "try_from", "remote", "transparent"];
    if let Some(meta) = raw.serde.find_any(refused) {
        let name = meta.path().get_ident().map(ToString::to_string).unwrap_or_default();
        errors.at(
            meta.span(),
            format_args!(
                "`{name}` makes serde take something else in place of the fields, some of which are \
                 not for everybody; remove it"
            ),
        );
    }
    if let (Some(meta), Some(_)) = (raw.serde.find("default"), raw.write_masked().next()) {
        errors.at(
            meta.span(),
            "`default` on a struct whose fields are not all for everybody to set would have to make \
             all of them; write `#[serde(default)]` on the fields that may be left out",
        );
    }
}

fn check_mask(mask: &Slot<Vec<Part>>, errors: &mut Errors) {
    let (Some(key), Some(parts)) = (mask.key(), mask.get()) else { return };
    if parts.is_empty() {
        errors.at(
            key.span(),
            format_args!(
                "`{key}()` is empty; write who may, such as `{key}(role = \"...\")`, or remove it"
            ),
        );
    }
    if let [Part { key: part, kind: PartKind::Authenticated }] = parts.as_slice() {
        errors.at(
            part.span(),
            format_args!(
                "`{key}(authenticated)` is everybody, as without it; write what only some have, or \
                 remove it"
            ),
        );
    }
    check_parts(parts, &key.to_string(), errors);
}

fn check_seen(field: &Field, errors: &mut Errors) {
    let Some(key) = field.read.key() else { return };
    if let Some(meta) = field.serde.find_any(&["skip", "skip_serializing"]) {
        nobody(field, key, meta, "sees", errors);
    }
}

fn check_given(field: &Field, errors: &mut Errors) {
    let Some(key) = field.write.key() else { return };
    if let Some(meta) = field.serde.find_any(&["skip", "skip_deserializing"]) {
        nobody(field, key, meta, "sets", errors);
        return;
    }
    if let Some(meta) = field.serde.find("flatten") {
        errors.at(
            meta.span(),
            "whether a flattened field came can't be told; write `write(...)` on the fields inside, or \
             remove `flatten`",
        );
        return;
    }
    if field.serde.find("default").is_none() && !is_option(&field.ty) {
        let ident = field.ident.unraw();
        errors.at(
            key.span(),
            format_args!(
                "who may not set `{ident}` leaves it out, and nothing says what it is then; write \
                 `#[serde(default)]` beside it, or make it an `Option`"
            ),
        );
    }
}

fn nobody(field: &Field, key: &Ident, meta: &syn::Meta, verb: &str, errors: &mut Errors) {
    let (ident, name) = (field.ident.unraw(), meta.path().get_ident());
    let name = name.map(ToString::to_string).unwrap_or_default();
    errors.at(
        key.span(),
        format_args!(
            "nobody {verb} `{ident}`, since serde is told to `{name}` it; remove one of both"
        ),
    );
}

/// As serde tells an `Option`: by its name.
fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path)
        if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
}
