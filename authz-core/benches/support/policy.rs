//! Who there is in the shops that are measured.

use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
pub(crate) enum Role {
    #[role(includes(Clerk))]
    Admin,
    Clerk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
pub(crate) enum Scope {
    #[scope("read:orders")]
    ReadOrders,
    #[scope("write:orders", includes(ReadOrders))]
    WriteOrders,
}

authz_core::policy!(pub(crate) Policy { roles: Role, scopes: Scope });
