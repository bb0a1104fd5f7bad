use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    Clerk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    Read,
}

authz_core::policy!(Policy, Role, Scope);

fn main() {}
