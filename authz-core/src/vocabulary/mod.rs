//! The closed set of names a policy speaks: roles, scopes and what includes what.
//!
//! A vocabulary is const data made by [`derive(Roles)`](macro@crate::Roles) or
//! [`derive(Scopes)`](macro@crate::Scopes). Absent on purpose: names that exist only at
//! run time. What is not in the enum can be neither required nor granted.

mod bits;
pub(crate) mod closure;
mod exclusion;
pub(crate) mod lookup;
mod table;

pub use bits::Bits;
pub(crate) use exclusion::{conflict, held_together};
pub(crate) use lookup::{name_at, same};
pub use table::{Grant, Kind, Table};

use std::fmt::Debug;

/// A closed set of names with a hierarchy, implemented by the derives.
///
/// # Examples
///
/// ```
/// use authz_core::{Roles, Vocabulary};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// enum Role {
///     #[role(includes(Clerk))]
///     Admin,
///     /// Takes orders.
///     Clerk,
/// }
///
/// assert_eq!(Role::Admin.wire_name(), "admin");
/// assert_eq!(Role::from_wire_name("clerk"), Some(Role::Clerk));
/// assert!(Role::Admin.includes(Role::Clerk));
/// assert!(!Role::Clerk.includes(Role::Admin));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a vocabulary",
    note = "put `#[derive(Roles)]` or `#[derive(Scopes)]` on the enum that lists the names"
)]
pub trait Vocabulary: Copy + Eq + Debug + Send + Sync + 'static {
    /// A bitset with one bit for each name.
    #[doc(hidden)]
    type Bits: Bits;

    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// Names, documentation and the direct edges of the hierarchy.
    #[doc(hidden)]
    const TABLE: &'static Table;

    /// For each name, itself and everything it includes, transitively.
    #[doc(hidden)]
    const CLOSURE: &'static [Self::Bits];

    /// Every name, in the order of declaration.
    #[doc(hidden)]
    const ALL: &'static [Self];

    /// The position of this name in its vocabulary.
    #[doc(hidden)]
    fn index(self) -> usize;

    /// Every name, in the order of declaration.
    #[must_use]
    fn all() -> &'static [Self] {
        Self::ALL
    }

    /// The name as it stands in tokens and in the manifest.
    #[must_use]
    fn wire_name(self) -> &'static str {
        Self::TABLE.names.get(self.index()).copied().unwrap_or_default()
    }

    /// The documentation comment of the variant, without leading spaces.
    #[must_use]
    fn documentation(self) -> &'static str {
        Self::TABLE.docs.get(self.index()).copied().unwrap_or_default()
    }

    /// The variant with this wire name; the comparison is exact and case-sensitive.
    #[must_use]
    fn from_wire_name(name: &str) -> Option<Self> {
        let index = lookup::find(Self::TABLE, name, lookup::hash(name))?;
        Self::ALL.get(index).copied()
    }

    /// Whether holding this name satisfies a requirement of `other`.
    ///
    /// Every name includes itself.
    #[must_use]
    fn includes(self, other: Self) -> bool {
        Self::CLOSURE.get(self.index()).is_some_and(|held| held.contains(other.index()))
    }
}

/// A vocabulary of roles: who somebody is. Made by [`derive(Roles)`](macro@crate::Roles).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a vocabulary of roles",
    note = "put `#[derive(Roles)]` on the enum that lists the roles"
)]
pub trait Roles: Vocabulary {
    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// Which scopes the roles grant, by name, as declared on the variants.
    #[doc(hidden)]
    const GRANTS: &'static [Grant];
}

/// A vocabulary of scopes: what a token was allowed to do. Made by
/// [`derive(Scopes)`](macro@crate::Scopes).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a vocabulary of scopes",
    note = "put `#[derive(Scopes)]` on the enum that lists the scopes"
)]
pub trait Scopes: Vocabulary {
    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;
}
