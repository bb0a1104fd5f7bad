use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role<const N: usize> {
    Clerk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope
where
    u32: Copy,
{
    Read,
}

fn main() {}
