//! Who may do what in the books of a shop.

use authz_core::{Roles, Scopes};

/// What somebody is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
pub enum Role {
    /// Keeps the books.
    #[role(includes(Clerk))]
    Bookkeeper,
    /// Takes the money.
    Clerk,
}

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
pub enum Scope {
    /// Close what was opened.
    #[scope("write:books")]
    WriteBooks,
}

authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
