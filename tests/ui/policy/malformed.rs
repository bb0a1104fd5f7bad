use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    Clerk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    Read,
}

authz_core::policy!();
authz_core::policy!(pub);
authz_core::policy!("Shop" { roles: Role, scopes: Scope });
authz_core::policy!(Policy, Role, Scope);
authz_core::policy!(Policy);
authz_core::policy!(Misspelt { role: Role, scopes: Scope });
authz_core::policy!(Unknown { roles: Role, scopes: Scope, audience: Shop });
authz_core::policy!(Unnamed { "roles": Role });
mod twice {
    use super::*;
    authz_core::policy!(Twice { roles: Role, scopes: Scope, roles: Role });
}
authz_core::policy!(NoValue { roles, scopes: });
authz_core::policy!(Quoted { roles: "Role", scopes: Scope });
mod more {
    use super::*;
    authz_core::policy!(More { roles: Role, scopes: Scope }, crate = authz);
}

fn main() {}
