//! Judges the names in the attribute against the fields; one `check_…` for each rule.

use syn::ext::IdentExt as _;
use syn::{Ident, LitStr};

use super::field::Field;
use super::masks;
use super::parse::RawResource;
use crate::args::Slot;
use crate::diag::{Errors, did_you_mean};

/// Which fields say whose an object is.
pub(super) struct Resource<'a> {
    pub(super) owner: Option<&'a Field>,
    pub(super) issuer: Option<&'a Field>,
    pub(super) tenant: Option<&'a Field>,
}

/// Notes every fault of the names.
pub(super) fn check<'a>(raw: &'a RawResource, errors: &mut Errors) -> Resource<'a> {
    if !raw.is_faulty {
        check_says_whose(raw, errors);
        check_issuer_of_whom(raw, errors);
        check_policy_of_what(raw, errors);
    }
    if raw.masked().next().is_some() {
        masks::check(raw, errors);
    }
    // Without fields there is a fault already.
    let mut find = |slot: &Slot<LitStr>| {
        let name = slot.get().filter(|_| !raw.fields.is_empty())?;
        find_field(name, &raw.fields, &raw.ident, errors)
    };
    Resource { owner: find(&raw.owner), issuer: find(&raw.issuer), tenant: find(&raw.tenant) }
}

fn check_says_whose(raw: &RawResource, errors: &mut Errors) {
    // What is taken in belongs to nobody yet, and has masks.
    if !raw.belongs_to_somebody() && raw.masked().next().is_none() {
        let ident = &raw.ident;
        errors.at(
            ident.span(),
            format_args!(
                "`{ident}` doesn't say whose it is; write `#[resource(owner = \"...\")]` with the \
                 field that names the owner, or `tenant = \"...\"` for what a whole tenant owns"
            ),
        );
    }
}

fn check_issuer_of_whom(raw: &RawResource, errors: &mut Errors) {
    if let (Some(key), None) = (raw.issuer.key(), raw.owner.get()) {
        errors.at(
            key.span(),
            "`issuer` names whose subject the owner is, and there is no `owner`; write \
             `owner = \"...\"`, or remove it",
        );
    }
}

fn check_policy_of_what(raw: &RawResource, errors: &mut Errors) {
    if let (Some(key), None) = (raw.policy.key(), raw.masked().next()) {
        errors.at(
            key.span(),
            "`policy` says whose names `read(...)` and `write(...)` on the fields ask for, and no field \
             has one; remove it",
        );
    }
}

fn find_field<'a>(
    name: &LitStr,
    fields: &'a [Field],
    ident: &Ident,
    errors: &mut Errors,
) -> Option<&'a Field> {
    let wanted = name.value();
    let found = fields.iter().find(|field| field.ident.unraw() == wanted);
    if found.is_none() {
        let known: Vec<String> = fields.iter().map(|it| it.ident.unraw().to_string()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        errors.at(
            name.span(),
            format_args!("`{ident}` has no field `{wanted}`{}", did_you_mean(&wanted, &known)),
        );
    }
    found
}
