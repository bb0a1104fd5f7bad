//! The record that each guarded function and each policy leaves: in `inventory` for the running
//! program, and as self-contained bytes in a link section for whoever reads the file.
//!
//! INVARIANT: nothing is enforced from here. Linkers can lose records; the check is code.
//!
//! # Format of the section, version 1
//!
//! Records lie one after the other, in any order; zero bytes may stand between them. A record is
//!
//! | bytes | content |
//! |---|---|
//! | 5 | `authz` |
//! | 1 | version of the format: 1 |
//! | 1 | `f` for a function, `p` for a policy, `o` for a resource |
//! | 4 | length of the body that follows |
//! | n | body |
//!
//! Numbers are little-endian; a text is its length in four bytes, then UTF-8. The body of a
//! function: id, policy id, file, line (4), kind (1: `r`equires, `p`ublic, `m`anual), reason,
//! route, first line of documentation, requirement. The body of a policy: id, then twice (roles,
//! scopes) the number of names (4) and for each its wire name, variant, documentation, the number
//! of names it includes directly (4) and their indices (4 each); then the number of grants (4) and
//! for each the index of the role and of the scope (4 each); then the number of pairs of roles that
//! exclude each other (4) and for each pair both indices (4 each), the lower first. A requirement is in prefix order: one
//! byte for its kind, then its content: `*` anyone, `a` authenticated, `r` role and `s` scope with
//! the index (4), `m` mfa, `b` bound, `c` acr with its text, `t` max age in seconds (8), `&` all and `|` any
//! with the number of parts (4), `!` not, `=` a named rule with its
//! name and the requirement that it stands for. Behind the
//! requirement of a function stands whose objects it opens: `-` none, `o` the caller's own, `w` the same with
//! a requirement (whoever meets it sees those of any owner), `*` those of any owner. A record that ends before
//! is from before there was such a thing.
//! Behind that stands the shadow of the function, a named rule, if it has one.
//!
//! The body of a resource: id, policy id (empty where no field is masked), file, line (4), the fields that
//! name its owner, the issuer of that and its tenant (each empty where there is none), then the number of
//! masked fields (4) and for each its name, what reading takes and what writing takes: a requirement, or `-`
//! for nothing.
//!
//! The part of a vocabulary is written by its derive (`authz-macros`, `vocabulary/record.rs`).
//!
//! A reader refuses a version it does not know. Fields are added at the end of a body only, and a
//! reader skips what it does not know there; anything else is another version.

use crate::policy::Policy;
use crate::requirement::{Named, Requirement};
use crate::vocabulary::{Table, Vocabulary};

/// What the registry knows about one guarded function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    id: &'static str,
    file: &'static str,
    line: u32,
    kind: FunctionKind,
    pub(crate) requirement: Requirement,
    reason: &'static str,
    route: &'static str,
    doc: &'static str,
    policy: &'static PolicyRecord,
    object: Option<Object>,
    shadow: Option<&'static Named>,
}

/// Whose objects a function opens. In any case, only those of the caller's tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Object {
    /// `object = owner`: the caller's own.
    Owner,
    /// With `any_owner(…)`: the caller's own, and to whoever meets this, those of any owner.
    OwnerUnless(&'static Requirement),
    /// `object = any`: those of any owner.
    Any,
}

/// Which attribute a function carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// `#[requires(…)]`
    Requires,
    /// `#[public(reason = "…")]`
    Public,
    /// `#[manual(reason = "…")]`
    Manual,
}

impl FunctionKind {
    /// The name of the attribute.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requires => "requires",
            Self::Public => "public",
            Self::Manual => "manual",
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Requires => b'r',
            Self::Public => b'p',
            Self::Manual => b'm',
        }
    }
}

impl Function {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<P: Policy>(
        kind: FunctionKind,
        (id, file, line): (&'static str, &'static str, u32),
        (reason, doc): (&'static str, &'static str),
        requirement: Requirement,
    ) -> Self {
        Self {
            id,
            file,
            line,
            kind,
            requirement,
            reason,
            route: "",
            doc,
            policy: P::RECORD,
            object: None,
            shadow: None,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_shadow(mut self, shadow: &'static Named) -> Self {
        self.shadow = Some(shadow);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_route(mut self, route: &'static str) -> Self {
        self.route = route;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_object(mut self, object: Object) -> Self {
        self.object = Some(object);
        self
    }

    /// `crate::module::function`; in an `impl` that carries `#[requires]`,
    /// `crate::module::Type::function` or `crate::module::Type::Trait::function`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The source file, as the compiler names it.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// The line of the attribute.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Which attribute it carries.
    #[must_use]
    pub const fn kind(&self) -> FunctionKind {
        self.kind
    }

    /// What it requires.
    #[must_use]
    pub const fn requirement(&self) -> &Requirement {
        &self.requirement
    }

    /// The reason given for `public` and `manual`.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        Some(self.reason).filter(|reason| !reason.is_empty())
    }

    /// The route it declares, such as `POST /orders`.
    #[must_use]
    pub fn route(&self) -> Option<&'static str> {
        Some(self.route).filter(|route| !route.is_empty())
    }

    /// The first line of its documentation.
    #[must_use]
    pub fn doc(&self) -> Option<&'static str> {
        Some(self.doc).filter(|doc| !doc.is_empty())
    }

    /// What it checks of the objects that it opens, if it opens any.
    #[must_use]
    pub const fn object(&self) -> Option<&Object> {
        self.object.as_ref()
    }

    /// The rule whose denials are logged and not made.
    #[must_use]
    pub const fn shadow(&self) -> Option<&'static Named> {
        self.shadow
    }

    /// The policy it stands under.
    #[must_use]
    pub const fn policy(&self) -> &'static PolicyRecord {
        self.policy
    }
}

/// What the registry knows about one policy.
#[derive(Debug)]
pub struct PolicyRecord {
    id: &'static str,
    pub(crate) roles: &'static Table,
    pub(crate) scopes: &'static Table,
    /// Pairs of a role and a scope it grants, by index.
    pub(crate) grants: &'static [(u32, u32)],
}

impl PolicyRecord {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<P: Policy>(id: &'static str, grants: &'static [(u32, u32)]) -> Self {
        Self {
            id,
            roles: <P::Role as Vocabulary>::TABLE,
            scopes: <P::Scope as Vocabulary>::TABLE,
            grants,
        }
    }

    /// `crate::module::Policy`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }
}

/// What the registry knows about one resource: a type with `#[derive(Resource)]`.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    id: &'static str,
    file: &'static str,
    line: u32,
    policy: Option<&'static PolicyRecord>,
    owner: &'static str,
    issuer: &'static str,
    tenant: &'static str,
    fields: &'static [Field],
}

/// A field of a resource that is not for everybody.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    name: &'static str,
    read: Option<&'static Named>,
    write: Option<&'static Named>,
}

impl Resource {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        (id, file, line): (&'static str, &'static str, u32),
        (owner, issuer, tenant): (&'static str, &'static str, &'static str),
    ) -> Self {
        Self { id, file, line, policy: None, owner, issuer, tenant, fields: &[] }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_fields<P: Policy>(mut self, fields: &'static [Field]) -> Self {
        self.policy = Some(P::RECORD);
        self.fields = fields;
        self
    }

    /// `crate::module::Order`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The source file, as the compiler names it.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// The line of the struct.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The policy that its masks stand under, if a field has one.
    #[must_use]
    pub const fn policy(&self) -> Option<&'static PolicyRecord> {
        self.policy
    }

    /// The field that names its owner.
    #[must_use]
    pub fn owner(&self) -> Option<&'static str> {
        Some(self.owner).filter(|field| !field.is_empty())
    }

    /// The field that names the issuer of the owner.
    #[must_use]
    pub fn issuer(&self) -> Option<&'static str> {
        Some(self.issuer).filter(|field| !field.is_empty())
    }

    /// The field that names its tenant.
    #[must_use]
    pub fn tenant(&self) -> Option<&'static str> {
        Some(self.tenant).filter(|field| !field.is_empty())
    }

    /// The fields that are not for everybody, in the order of the struct.
    #[must_use]
    pub const fn fields(&self) -> &'static [Field] {
        self.fields
    }
}

impl Field {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        read: Option<&'static Named>,
        write: Option<&'static Named>,
    ) -> Self {
        Self { name, read, write }
    }

    /// The name of the field in the struct.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it takes to see it.
    #[must_use]
    pub fn read(&self) -> Option<&'static Requirement> {
        self.read.map(Named::requirement)
    }

    /// What it takes to set it.
    #[must_use]
    pub fn write(&self) -> Option<&'static Requirement> {
        self.write.map(Named::requirement)
    }
}

/// One submission to `inventory`.
#[doc(hidden)]
#[derive(Debug)]
pub enum Entry {
    Function(&'static Function),
    Policy(&'static PolicyRecord),
    Resource(&'static Resource),
}

inventory::collect!(Entry);

/// Puts a record into `inventory` and its bytes into the link section.
///
/// The section's attribute has to come out of this macro: a crate that forbids unsafe code accepts
/// it from here only.
#[doc(hidden)]
#[macro_export]
macro_rules! __register {
    (policy $record:path) => {
        $crate::__register! { @bytes policy_bytes, policy_length, (&$record), (&$record) }
        $crate::__private::inventory::submit! { $crate::__private::Entry::Policy(&$record) }
    };
    (resource $record:path) => {
        $crate::__register! { @bytes resource_bytes, resource_length, (&$record), (&$record) }
        $crate::__private::inventory::submit! { $crate::__private::Entry::Resource(&$record) }
    };
    (function $record:path, $length:literal, $end:expr) => {
        $crate::__register! { @bytes ended_bytes, ended_length, (&$record, $length), (&$record, $end) }
        $crate::__private::inventory::submit! { $crate::__private::Entry::Function(&$record) }
    };
    (function $record:path) => {
        $crate::__register! { @bytes function_bytes, function_length, (&$record), (&$record) }
        $crate::__private::inventory::submit! { $crate::__private::Entry::Function(&$record) }
    };
    (@bytes $bytes:ident, $length:ident, $measured:tt, $written:tt) => {
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__authz"))]
        #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".authz"))]
        static __AUTHZ_RECORD: [u8; $crate::__private::$length $measured] =
            $crate::__private::$bytes $written;
    };
}

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
