use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
struct Role;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
struct Scope {
    name: u32,
}

fn main() {}
