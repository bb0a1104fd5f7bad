use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    WriteOrders,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role(grants(Scope::WriteOrder))]
    Clerk,
}

fn main() {}
