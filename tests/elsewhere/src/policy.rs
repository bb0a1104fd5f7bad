//! The policy of a small shop.

use authz_core::{Roles, Scopes};

/// Who there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
pub enum Role {
    /// Takes orders.
    Clerk,
}

/// What may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
pub enum Scope {
    /// See every order.
    #[scope("read:orders")]
    ReadOrders,
    /// Place orders.
    #[scope("write:orders", includes(ReadOrders))]
    WriteOrders,
}

authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
