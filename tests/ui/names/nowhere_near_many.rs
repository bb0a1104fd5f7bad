use authz_core::{Roles, Scopes, requires};

mod policy {
    use super::{Roles, Scopes};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        Admin,
        Manager,
        Clerk,
        Auditor,
        Packer,
        Driver,
        Cashier,
        Cleaner,
        Guest,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        Read,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

#[requires(role = "superuser")]
fn refund() {}

fn main() {}
