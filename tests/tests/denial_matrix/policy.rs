//! Who there is in a shop whose every rule is tried.

use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
pub enum Role {
    #[role(includes(Manager))]
    Admin,
    #[role(includes(Clerk, Auditor))]
    Manager,
    Clerk,
    Auditor,
    #[role(excludes(Auditor))]
    Guest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
pub enum Scope {
    #[scope("read:orders")]
    Read,
    #[scope("write:orders", includes(Read))]
    Write,
    #[scope("pay:orders")]
    Pay,
}

authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
