use authz_core::{Roles, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Scope {
    #[scope("read orders")]
    Space,
    #[scope("read\\orders")]
    Backslash,
    #[scope("bestellungen:ändern")]
    Letter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role("shop admin")]
    Space,
    Prüfer,
}

fn main() {}
