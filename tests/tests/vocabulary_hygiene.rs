//! The output of the derives in the strictest of crates: no prelude, hostile names, every lint.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::missing_inline_in_public_items,
    clippy::wildcard_enum_match_arm
)]

extern crate authz_core as renamed;

use ::core::clone::Clone;
use ::core::cmp::{Eq, PartialEq};
use ::core::fmt::Debug;
use ::core::marker::Copy;
use ::core::{assert, assert_eq};

/// Roles and scopes beside types that take the names of primitives and of the crates.
mod hostile {
    use super::{Clone, Copy, Debug, Eq, PartialEq, renamed};

    /// Takes the place of a primitive type.
    #[expect(non_camel_case_types, dead_code, reason = "hostile on purpose")]
    #[derive(Clone, Copy, Debug)]
    pub(super) enum usize {}

    /// Takes the place of a primitive type.
    #[expect(non_camel_case_types, dead_code, reason = "hostile on purpose")]
    #[derive(Clone, Copy, Debug)]
    pub(super) enum u64 {}

    /// Would catch a relative path to the standard library.
    pub(super) mod core {}

    /// Would catch a relative path to the runtime.
    pub(super) mod authz_core {}

    /// Named as a piece of the generated code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, renamed::Roles)]
    #[roles(crate = renamed)]
    pub(super) enum Vocabulary {
        /// Named as an associated constant.
        #[role(includes(Table), grants(Table::TABLE))]
        #[expect(clippy::upper_case_acronyms, reason = "hostile on purpose")]
        TABLE,
        /// Not to be used any more.
        #[deprecated]
        #[role("old")]
        Table,
    }

    /// Named as a piece of the generated code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, renamed::Scopes)]
    #[scopes(crate = renamed)]
    #[repr(i8)]
    pub(super) enum Table {
        /// Named as an associated constant.
        #[expect(clippy::upper_case_acronyms, reason = "hostile on purpose")]
        TABLE,
        /// Needs its mark.
        r#Self_,
    }
}

/// With the default path to the runtime, private, and in the body of a function.
#[test]
fn private_enums_inside_a_function() {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, renamed::Roles)]
    enum Role {
        Admin,
    }
    assert_eq!(renamed::Vocabulary::wire_name(Role::Admin), "admin");
}

#[test]
fn hostile_names_change_nothing() {
    use renamed::Vocabulary as _;
    assert!(hostile::Vocabulary::TABLE.includes(hostile::Vocabulary::TABLE));
    assert_eq!(hostile::Table::all().len(), 2);
    assert_eq!(hostile::Table::Self_.wire_name(), "self");
    assert_eq!(<hostile::Vocabulary as renamed::Roles>::GRANTS.len(), 1);
}
