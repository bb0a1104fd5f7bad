use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    Read,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(grants("raed"))]
    Clerk,
}

authz_core::policy!(Policy { roles: Role, scopes: Scope });

fn main() {}
