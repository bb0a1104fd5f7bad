//! Writes what this crate knows of a function's record for the link section, so that the compiler has
//! little to put together.
//!
//! INVARIANT: the format documented in `authz-core`'s `registry`, which also writes it a second time,
//! for requirements with rules, whose content is not known here.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::requirement::{NameKind, name_bytes, refs};
use crate::args::{Access, Args};
use crate::requirement::{Name, Part, PartKind};

/// What of the check of objects stands in a record.
#[derive(Clone, Copy)]
pub(super) enum ObjectCheck {
    /// The function opens none.
    None,
    /// Each opens to its owner.
    Owner,
    /// As well to whoever meets something; `authz-core` writes it.
    AnyOwner,
    /// Each opens to every caller.
    Any,
}

impl ObjectCheck {
    pub(super) fn of(args: &Args) -> Self {
        match (args.object.get(), args.any_owner.get().map(Vec::as_slice)) {
            (None, _) => Self::None,
            (Some(check), _) if check == "any" => Self::Any,
            (Some(_), None | Some([])) => Self::Owner,
            (Some(_), Some(_)) => Self::AnyOwner,
        }
    }
}

/// The end of a record: kind, reason, route, documentation and requirement.
#[derive(Default)]
pub(super) struct Record {
    pieces: Vec<TokenStream>,
    bytes: Vec<u8>,
    length: usize,
    names: usize,
}

impl Record {
    pub(super) fn new(access: Access, reason: &str, route: &str, doc: &str) -> Self {
        let mut record = Self::default();
        record.bytes.push(match access {
            Access::Requires => b'r',
            Access::Public => b'p',
            Access::Manual => b'm',
        });
        record.text(reason);
        record.text(route);
        record.text(doc);
        record
    }

    /// The record's length, and the record as slices of bytes, one after the other; `None` where a rule
    /// or an `any_owner` stands in it.
    pub(super) fn expand(
        mut self,
        access: Access,
        parts: &[&Part],
        object: ObjectCheck,
        krate: &TokenStream,
    ) -> Option<TokenStream> {
        match (access, parts) {
            (Access::Public, _) => self.bytes.push(b'*'),
            (Access::Manual, _) | (_, []) => self.bytes.push(b'a'),
            (Access::Requires, [only]) => self.requirement(only, krate)?,
            (Access::Requires, parts) => self.group(b'&', parts, krate)?,
        }
        match object {
            ObjectCheck::None => self.bytes.push(b'-'),
            ObjectCheck::Owner => self.bytes.push(b'o'),
            ObjectCheck::Any => self.bytes.push(b'*'),
            ObjectCheck::AnyOwner => return None,
        }
        self.end_bytes();
        let (length, pieces) = (Literal::usize_unsuffixed(self.length), self.pieces);
        Some(quote!(#length, &[#(#pieces),*]))
    }

    fn requirement(&mut self, part: &Part, krate: &TokenStream) -> Option<()> {
        match &part.kind {
            PartKind::Role(name) => self.name(b'r', NameKind::Role, name, krate),
            PartKind::Scope(name) => self.name(b's', NameKind::Scope, name, krate),
            PartKind::Authenticated | PartKind::Faulty => self.bytes.push(b'a'),
            PartKind::Mfa => self.bytes.push(b'm'),
            PartKind::Bound => self.bytes.push(b'b'),
            PartKind::Acr(class) => {
                self.bytes.push(b'c');
                self.text(&class.value());
            }
            PartKind::MaxAge(_, seconds) => {
                self.bytes.push(b't');
                self.bytes.extend(seconds.to_le_bytes());
            }
            PartKind::All(parts) => self.group(b'&', &refs(parts), krate)?,
            PartKind::Any(parts) => self.group(b'|', &refs(parts), krate)?,
            PartKind::Not(part) => {
                self.bytes.push(b'!');
                self.requirement(part, krate)?;
            }
            PartKind::Rule(_) => return None,
        }
        Some(())
    }

    fn group(&mut self, kind: u8, parts: &[&Part], krate: &TokenStream) -> Option<()> {
        self.bytes.push(kind);
        self.number(parts.len());
        parts.iter().try_for_each(|part| self.requirement(part, krate))
    }

    /// A name by its index, which the compiler finds.
    fn name(&mut self, tag: u8, kind: NameKind, name: &Name, krate: &TokenStream) {
        self.bytes.push(tag);
        self.end_bytes();
        let index = name_bytes(krate, kind, name, &mut self.names);
        self.pieces.push(quote!(&#index));
        self.length += 4;
    }

    fn end_bytes(&mut self) {
        if !self.bytes.is_empty() {
            self.length += self.bytes.len();
            let bytes = Literal::byte_string(&std::mem::take(&mut self.bytes));
            self.pieces.push(quote!(#bytes));
        }
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    #[expect(clippy::cast_possible_truncation, reason = "source text is shorter than 4 GiB")]
    fn number(&mut self, number: usize) {
        self.bytes.extend_from_slice(&(number as u32).to_le_bytes());
    }
}
