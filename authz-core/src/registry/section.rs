//! Writes records as the bytes of the link section, while the compiler evaluates them.
//!
//! INVARIANT: the format documented in [`registry`](super). What `authz-macros` writes of a function by
//! itself (`expand/record.rs`) is of the same format.

use super::{Function, Object, PolicyRecord, Resource};
use crate::requirement::{Named, Requirement};

const MAGIC: &[u8] = b"authz\x01";
const HEADER: usize = MAGIC.len() + 1 + 4;

/// The length of a function's record in the section.
#[doc(hidden)]
#[must_use]
pub const fn function_length(function: &Function) -> usize {
    let mut counter = Writer { target: &mut [], written: 0 };
    counter.function(function);
    HEADER + counter.written
}

/// A function's record in the section.
#[doc(hidden)]
#[must_use]
pub const fn function_bytes<const LENGTH: usize>(function: &Function) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let mut writer = Writer { target: &mut bytes, written: 0 };
    writer.header(b'f', LENGTH);
    writer.function(function);
    bytes
}

/// The length of a function's record in the section, whose end of `end` bytes the macro has written:
/// all but id, policy, file and line.
#[doc(hidden)]
#[must_use]
pub const fn ended_length(function: &Function, end: usize) -> usize {
    const NUMBERS: usize = 4 * 4;
    let texts = function.id.len() + function.policy.id.len() + function.file.len();
    HEADER + NUMBERS + texts + end
}

/// A function's record in the section, whose `end` the macro has written.
///
/// In few steps: each function of a program pays for every call that the compiler evaluates.
#[doc(hidden)]
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "source text is shorter than 4 GiB")]
pub const fn ended_bytes<const LENGTH: usize>(function: &Function, end: &[&[u8]]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let mut left: &mut [u8] = &mut bytes;
    left = put(left, b"authz\x01f");
    left = put(left, &((LENGTH - HEADER) as u32).to_le_bytes());
    left = put(left, &(function.id.len() as u32).to_le_bytes());
    left = put(left, function.id.as_bytes());
    left = put(left, &(function.policy.id.len() as u32).to_le_bytes());
    left = put(left, function.policy.id.as_bytes());
    left = put(left, &(function.file.len() as u32).to_le_bytes());
    left = put(left, function.file.as_bytes());
    left = put(left, &function.line.to_le_bytes());
    let mut end = end;
    while let [bytes, rest @ ..] = end {
        left = put(left, bytes);
        end = rest;
    }
    bytes
}

/// Copies `bytes` to the beginning of `target`; the rest of it.
const fn put<'a>(target: &'a mut [u8], bytes: &[u8]) -> &'a mut [u8] {
    let (place, rest) = target.split_at_mut(bytes.len());
    place.copy_from_slice(bytes);
    rest
}

/// The length of a policy's record in the section.
#[doc(hidden)]
#[must_use]
pub const fn policy_length(policy: &PolicyRecord) -> usize {
    let mut counter = Writer { target: &mut [], written: 0 };
    counter.policy(policy);
    HEADER + counter.written
}

/// A policy's record in the section.
#[doc(hidden)]
#[must_use]
pub const fn policy_bytes<const LENGTH: usize>(policy: &PolicyRecord) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let mut writer = Writer { target: &mut bytes, written: 0 };
    writer.header(b'p', LENGTH);
    writer.policy(policy);
    bytes
}

/// The length of a resource's record in the section.
#[doc(hidden)]
#[must_use]
pub const fn resource_length(resource: &Resource) -> usize {
    let mut counter = Writer { target: &mut [], written: 0 };
    counter.resource(resource);
    HEADER + counter.written
}

/// A resource's record in the section.
#[doc(hidden)]
#[must_use]
pub const fn resource_bytes<const LENGTH: usize>(resource: &Resource) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let mut writer = Writer { target: &mut bytes, written: 0 };
    writer.header(b'o', LENGTH);
    writer.resource(resource);
    bytes
}

/// Writes as far as the target reaches and counts beyond it, so that one description of the
/// format gives both the length and the bytes.
struct Writer<'a> {
    target: &'a mut [u8],
    written: usize,
}

impl Writer<'_> {
    const fn header(&mut self, kind: u8, length: usize) {
        self.bytes(MAGIC);
        self.bytes(&[kind]);
        self.number(length - HEADER);
    }

    const fn function(&mut self, function: &Function) {
        self.text(function.id);
        self.text(function.policy.id);
        self.text(function.file);
        self.number(function.line as usize);
        self.bytes(&[function.kind.byte()]);
        self.text(function.reason);
        self.text(function.route);
        self.text(function.doc);
        self.requirement(&function.requirement);
        match function.object {
            None => self.bytes(b"-"),
            Some(Object::Owner) => self.bytes(b"o"),
            Some(Object::Any) => self.bytes(b"*"),
            Some(Object::OwnerUnless(any_owner)) => {
                self.bytes(b"w");
                self.requirement(any_owner);
            }
        }
        if let Some(shadow) = function.shadow {
            self.requirement(&Requirement::Rule(shadow));
        }
    }

    const fn policy(&mut self, policy: &PolicyRecord) {
        self.text(policy.id);
        self.bytes(policy.roles.record);
        self.bytes(policy.scopes.record);
        self.number(policy.grants.len());
        let mut grants = policy.grants;
        while let [(role, scope), rest @ ..] = grants {
            self.bytes(&role.to_le_bytes());
            self.bytes(&scope.to_le_bytes());
            grants = rest;
        }
        self.number(policy.roles.excludes.len());
        let mut excludes = policy.roles.excludes;
        while let [(left, right), rest @ ..] = excludes {
            self.bytes(&left.to_le_bytes());
            self.bytes(&right.to_le_bytes());
            excludes = rest;
        }
    }

    const fn resource(&mut self, resource: &Resource) {
        self.text(resource.id);
        self.text(match resource.policy {
            Some(policy) => policy.id,
            None => "",
        });
        self.text(resource.file);
        self.number(resource.line as usize);
        self.text(resource.owner);
        self.text(resource.issuer);
        self.text(resource.tenant);
        self.number(resource.fields.len());
        let mut fields = resource.fields;
        while let [field, rest @ ..] = fields {
            self.text(field.name);
            self.mask(field.read);
            self.mask(field.write);
            fields = rest;
        }
    }

    const fn mask(&mut self, mask: Option<&Named>) {
        match mask {
            None => self.bytes(b"-"),
            Some(mask) => self.requirement(mask.requirement()),
        }
    }

    const fn requirement(&mut self, requirement: &Requirement) {
        match requirement {
            Requirement::Anyone => self.bytes(b"*"),
            Requirement::Authenticated => self.bytes(b"a"),
            Requirement::Role(name) => {
                self.bytes(b"r");
                self.number(name.index());
            }
            Requirement::Scope(name) => {
                self.bytes(b"s");
                self.number(name.index());
            }
            Requirement::Mfa => self.bytes(b"m"),
            Requirement::Bound => self.bytes(b"b"),
            Requirement::Acr(class) => {
                self.bytes(b"c");
                self.text(class);
            }
            Requirement::MaxAge(seconds) => {
                self.bytes(b"t");
                self.bytes(&seconds.to_le_bytes());
            }
            Requirement::All(parts) => self.parts(b"&", parts),
            Requirement::Any(parts) => self.parts(b"|", parts),
            Requirement::Not(part) => {
                self.bytes(b"!");
                self.requirement(part);
            }
            Requirement::Rule(rule) => {
                self.bytes(b"=");
                self.text(rule.name());
                self.requirement(rule.requirement());
            }
        }
    }

    const fn parts(&mut self, kind: &[u8], parts: &[Requirement]) {
        self.bytes(kind);
        self.number(parts.len());
        let mut parts = parts;
        while let [part, rest @ ..] = parts {
            self.requirement(part);
            parts = rest;
        }
    }

    const fn text(&mut self, text: &str) {
        self.number(text.len());
        self.bytes(text.as_bytes());
    }

    #[expect(clippy::cast_possible_truncation, reason = "source text is shorter than 4 GiB")]
    const fn number(&mut self, number: usize) {
        self.bytes(&(number as u32).to_le_bytes());
    }

    const fn bytes(&mut self, bytes: &[u8]) {
        let end = self.written + bytes.len();
        if end <= self.target.len() {
            let (head, _) = self.target.split_at_mut(end);
            let (_, place) = head.split_at_mut(self.written);
            place.copy_from_slice(bytes);
        }
        self.written = end;
    }
}
