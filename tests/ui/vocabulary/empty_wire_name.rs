use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    #[scope("")]
    ReadOrders,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(grants(""))]
    Clerk,
}

fn main() {}
