//! The policy of a crate that has none: every check under it denies, and that it stands in is an
//! error.
//!
//! Written by hand, not derived, so that no message recommends it.

use crate::registry::PolicyRecord;
use crate::vocabulary::{Grant, Kind, Roles, Scopes, Table, Vocabulary};

/// A role or a scope of nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {}

static NOTHING: Table = Table {
    kind: Kind::Role,
    type_name: "Nothing",
    names: &[],
    variants: &[],
    docs: &[],
    includes: &[],
    closure: &[],
    excludes: &[],
    sorted: &[],
    record: &[0; 4],
};

#[diagnostic::do_not_recommend]
impl Vocabulary for Nothing {
    type Bits = [u64; 1];
    const SEAL: crate::seal::Seal = crate::seal::Seal::GENERATED;
    const TABLE: &'static Table = &NOTHING;
    const CLOSURE: &'static [Self::Bits] = &[];
    const ALL: &'static [Self] = &[];

    fn index(self) -> usize {
        match self {}
    }
}

#[diagnostic::do_not_recommend]
impl Roles for Nothing {
    const SEAL: crate::seal::Seal = crate::seal::Seal::GENERATED;
    const GRANTS: &'static [Grant] = &[];
}

#[diagnostic::do_not_recommend]
impl Scopes for Nothing {
    const SEAL: crate::seal::Seal = crate::seal::Seal::GENERATED;
}

/// No policy; its record has no id, and is in no registry.
#[derive(Clone, Copy, Debug)]
pub enum Policy {}

#[diagnostic::do_not_recommend]
impl crate::Policy for Policy {
    type Role = Nothing;
    type Scope = Nothing;
    const SEAL: crate::seal::Seal = crate::seal::Seal::GENERATED;
    const RECORD: &'static PolicyRecord = &PolicyRecord::new::<Self>(crate::seal::MAKER, "", &[]);
}
