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

#[cfg(any(feature = "actix", feature = "axum", feature = "tonic"))]
mod ambiguous;
pub(crate) mod entry;
mod section;

#[cfg(any(feature = "actix", feature = "axum", feature = "tonic"))]
pub(crate) use ambiguous::require_unambiguous;
#[doc(hidden)]
pub use section::{
    ended_bytes, ended_length, function_bytes, function_length, policy_bytes, policy_length,
    resource_bytes, resource_length,
};

use crate::policy::Policy;
use crate::requirement::{Named, Requirement};
use crate::seal::Maker;
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
        _: Maker,
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
    pub const fn with_shadow(mut self, _: Maker, shadow: &'static Named) -> Self {
        self.shadow = Some(shadow);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_route(mut self, _: Maker, route: &'static str) -> Self {
        self.route = route;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_object(mut self, _: Maker, object: Object) -> Self {
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
    pub const fn new<P: Policy>(_: Maker, id: &'static str, grants: &'static [(u32, u32)]) -> Self {
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
        _: Maker,
        (id, file, line): (&'static str, &'static str, u32),
        (owner, issuer, tenant): (&'static str, &'static str, &'static str),
    ) -> Self {
        Self { id, file, line, policy: None, owner, issuer, tenant, fields: &[] }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_fields<P: Policy>(mut self, _: Maker, fields: &'static [Field]) -> Self {
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

    /// The line of the `#[derive]`.
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
        _: Maker,
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
