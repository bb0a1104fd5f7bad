use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role("shop-admin" includes(Clerk))]
    Admin,
    #[role(* includes(Auditor))]
    Clerk,
    Auditor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    #[scope(* includes(Write))]
    Read,
    Write,
}

fn main() {}
