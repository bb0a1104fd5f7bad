//! Vocabularies without fault; each a neighbour of the mistakes in `vocabulary`.

use authz_core::{Roles, Scopes, Vocabulary as _};

/// Declared below the roles that grant it elsewhere: the order of enums means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
enum Role {
    #[role("shop-admin", includes(Manager, Role::Auditor))]
    Admin,
    #[role(includes(Self::Clerk), grants(Scope::WriteOrders, "read:orders"))]
    Manager,
    #[role("clerk")]
    Clerk,
    /// Looks, and changes nothing.
    Auditor,
    r#Type,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
#[scopes(crate = ::authz_core)]
enum Scope {
    #[scope("read:orders")]
    ReadOrders,
    #[scope("write:orders", includes(ReadOrders))]
    WriteOrders,
    #[scope("!#[]^~")]
    EveryEdgeOfTheAlphabet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
enum Only {
    One,
}

fn main() {
    assert_eq!(Role::Admin.wire_name(), "shop-admin");
    assert_eq!(Role::Manager.wire_name(), "manager");
    assert!(Role::Admin.includes(Role::Clerk), "by way of the manager");
    assert!(!Role::Clerk.includes(Role::Admin), "never upward");
    assert!(Scope::WriteOrders.includes(Scope::ReadOrders));
    assert_eq!(Role::from_wire_name("Clerk"), None, "names are exact");
    assert_eq!(Only::One.wire_name(), "one");
}
