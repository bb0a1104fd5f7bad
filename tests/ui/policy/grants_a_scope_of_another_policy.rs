use authz_core::{Roles, Scopes};
use authz_tests::warehouse;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    Read,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(grants(warehouse::Scope::ReadStock))]
    Clerk,
}

authz_core::policy!(Policy { roles: Role, scopes: Scope });

fn main() {}
