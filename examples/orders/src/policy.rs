//! Who there is, and what they may ask for.

use authz_core::{Roles, Scopes};

/// The people of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
pub enum Role {
    /// Runs the shop.
    #[role(includes(Manager))]
    Admin,
    /// Answers for the orders of a day.
    #[role(includes(Clerk, Auditor))]
    Manager,
    /// Takes orders at the counter.
    #[role(grants(Scope::WriteOrders))]
    Clerk,
    /// Looks, and changes nothing.
    #[role(grants(Scope::ReadOrders, Scope::ReadAccess))]
    Auditor,
}

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
pub enum Scope {
    /// See orders.
    #[scope("read:orders")]
    ReadOrders,
    /// See who may call what.
    #[scope("read:access")]
    ReadAccess,
    /// Place, change and cancel orders.
    #[scope("write:orders", includes(ReadOrders))]
    WriteOrders,
}

authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
