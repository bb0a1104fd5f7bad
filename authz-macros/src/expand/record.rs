//! Writes what this crate knows of a function's record for the link section, so that the compiler has
//! little to put together.
//!
//! INVARIANT: the format documented in `authz-core`'s `registry`, which also writes it a second time,
//! for requirements with rules, whose content is not known here.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::requirement::constant;
use crate::args::Access;
use crate::requirement::{Part, PartKind};

/// The end of a record: kind, reason, route, documentation and requirement.
#[derive(Default)]
pub(super) struct Record {
    pieces: Vec<TokenStream>,
    bytes: Vec<u8>,
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

    /// The record as slices of bytes, one after the other; `None` where a rule stands in it.
    pub(super) fn expand(mut self, access: Access, parts: &[&Part]) -> Option<TokenStream> {
        match (access, parts) {
            (Access::Public, _) => self.bytes.push(b'*'),
            (Access::Manual, _) | (_, []) => self.bytes.push(b'a'),
            (Access::Requires, [only]) => self.requirement(only)?,
            (Access::Requires, parts) => self.group(b'&', parts)?,
        }
        self.end_bytes();
        let pieces = self.pieces;
        Some(quote!(&[#(#pieces),*]))
    }

    fn requirement(&mut self, part: &Part) -> Option<()> {
        match &part.kind {
            PartKind::Role(_) => self.name(b'r'),
            PartKind::Scope(_) => self.name(b's'),
            PartKind::Authenticated | PartKind::Faulty => self.bytes.push(b'a'),
            PartKind::Mfa => self.bytes.push(b'm'),
            PartKind::Acr(class) => {
                self.bytes.push(b'c');
                self.text(&class.value());
            }
            PartKind::MaxAge(_, seconds) => {
                self.bytes.push(b't');
                self.bytes.extend(seconds.to_le_bytes());
            }
            PartKind::All(parts) => self.group(b'&', &parts.iter().collect::<Vec<_>>())?,
            PartKind::Any(parts) => self.group(b'|', &parts.iter().collect::<Vec<_>>())?,
            PartKind::Not(part) => {
                self.bytes.push(b'!');
                self.requirement(part)?;
            }
            PartKind::Rule(_) => return None,
        }
        Some(())
    }

    fn group(&mut self, kind: u8, parts: &[&Part]) -> Option<()> {
        self.bytes.push(kind);
        self.number(parts.len());
        parts.iter().try_for_each(|part| self.requirement(part))
    }

    /// A name by its index, which the compiler finds.
    fn name(&mut self, kind: u8) {
        self.bytes.push(kind);
        self.end_bytes();
        let constant = constant(self.names);
        self.names += 1;
        self.pieces.push(quote!(&(#constant as ::core::primitive::u32).to_le_bytes()));
    }

    fn end_bytes(&mut self) {
        if !self.bytes.is_empty() {
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
