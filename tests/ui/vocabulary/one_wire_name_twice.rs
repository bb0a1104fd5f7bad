use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role("clerk")]
    Cashier,
    Clerk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    #[scope("read")]
    ReadOrders,
    #[scope("read")]
    ReadStock,
}

fn main() {}
