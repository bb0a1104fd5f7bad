//! Who there is in the shop, and what they may ask for.

use authz_core::{Roles, Scopes};

/// The people of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
pub enum Role {
    /// Serves customers. Everybody who signs up here is one: it is a demonstration.
    #[role(grants(Scope::WriteOrders))]
    Clerk,
}

/// What a session or a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
pub enum Scope {
    /// See every order.
    #[scope("read:orders")]
    ReadOrders,
    /// Place, change and refund orders.
    #[scope("write:orders", includes(ReadOrders))]
    WriteOrders,
}

authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
