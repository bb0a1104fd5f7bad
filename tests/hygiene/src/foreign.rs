//! Functions under a policy that stands in another crate, which knows `authz-core` by its name.

use ::authz::{Denied, Guard, requires};
use ::authz_tests::policy::{Identity, Role, Scope};

/// By wire name.
#[requires(
    role = "clerk",
    scope = "write:orders",
    policy = ::authz_tests::policy,
    crate = ::authz
)]
#[must_use]
pub fn by_name(guard: Guard<by_name>) -> Identity {
    guard.into_identity()
}

/// By variant, under the type of the policy.
#[requires(
    role = Role::Clerk,
    scope = Scope::WriteOrders,
    policy = ::authz_tests::policy::Policy,
    crate = ::authz
)]
#[must_use]
pub fn by_variant(guard: Guard<by_variant>) -> Identity {
    guard.into_identity()
}

/// With a named identity.
///
/// # Errors
///
/// Denied to who may not.
#[requires(role = "manager", policy = ::authz_tests::policy, identity = who, crate = ::authz)]
pub fn inside(who: &Identity) -> ::core::result::Result<(), Denied> {
    ::core::result::Result::Ok(())
}

/// Names an identity that it takes by value.
///
/// # Errors
///
/// When the identity is missing or not enough.
#[requires(role = "manager", policy = ::authz_tests::policy, identity = who, crate = ::authz)]
pub fn inside_by_value(
    who: ::core::option::Option<Identity>,
) -> ::core::result::Result<(), Denied> {
    ::core::result::Result::Ok(())
}
