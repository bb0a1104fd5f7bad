//! A policy joins a vocabulary of roles with a vocabulary of scopes, and gives the generic types
//! of this crate their meaning.

use crate::message::Message;
use crate::registry::PolicyRecord;
use crate::vocabulary::{Roles, Scopes, Vocabulary, lookup};

/// Roles and scopes that belong together; made by [`policy!`](crate::policy!).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy",
    label = "expected a type made by `authz_core::policy!`",
    note = "create one with `authz_core::policy!(pub Policy {{ roles: Role, scopes: Scope }});`",
    note = "`policy = …` takes the module in which it stands, or the type itself"
)]
pub trait Policy: Sized + Send + Sync + 'static {
    /// Who there is.
    type Role: Roles;
    /// What may be asked for.
    type Scope: Scopes;

    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// The record of this policy in the registry.
    #[doc(hidden)]
    const RECORD: &'static PolicyRecord;
}

/// Declares a policy and the types that follow from it.
///
/// `policy!(pub Policy { roles: Role, scopes: Scope });` in a module makes, beside the policy
/// itself, `Identity` and `Verifier`: the generic types of this crate at this policy. The
/// attributes look for the policy in `crate::policy` unless they say `policy = …`.
///
/// A role that grants a scope which is not one of `scopes` does not compile.
///
/// # Examples
///
/// ```
/// mod policy {
///     use authz_core::{Roles, Scopes};
///
///     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
///     pub enum Role {
///         #[role(grants(Scope::WriteOrders))]
///         Clerk,
///     }
///
///     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
///     pub enum Scope {
///         #[scope("write:orders")]
///         WriteOrders,
///     }
///
///     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// }
///
/// fn who(identity: &policy::Identity) -> &str {
///     identity.subject()
/// }
/// ```
#[macro_export]
macro_rules! policy {
    ($($tokens:tt)*) => {
        $crate::__private::declare_policy! { $crate; $($tokens)* }
    };
}

/// How many grants the roles of a policy have.
#[doc(hidden)]
#[must_use]
pub const fn count_grants<P: Policy>() -> usize {
    P::Role::GRANTS.len()
}

/// The grants of a policy as pairs of an index of a role and of a scope; one that names no scope
/// of the policy is left to [`known_grants`].
#[doc(hidden)]
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a vocabulary has fewer than 2^32 names")]
pub const fn resolve_grants<P: Policy, const COUNT: usize>() -> [(u32, u32); COUNT] {
    let mut resolved = [(0, 0); COUNT];
    let mut targets: &mut [(u32, u32)] = &mut resolved;
    let mut grants = P::Role::GRANTS;
    while let ([grant, more_grants @ ..], [target, more_targets @ ..]) = (grants, targets) {
        let scope = lookup::find_or_none(P::Scope::TABLE, grant.scope, lookup::hash(grant.scope));
        *target = (grant.role, scope as u32);
        (grants, targets) = (more_grants, more_targets);
    }
    resolved
}

/// A compile error where a role grants a scope that is not one of the policy.
#[doc(hidden)]
#[track_caller]
#[expect(clippy::panic, reason = "evaluated by the compiler: the panic is the error message")]
pub const fn known_grants<P: Policy>() {
    let (roles, scopes) = (P::Role::TABLE, P::Scope::TABLE);
    let mut grants = P::Role::GRANTS;
    while let [grant, rest @ ..] = grants {
        if lookup::find(scopes, grant.scope, lookup::hash(grant.scope)).is_none() {
            let mut message = Message::new();
            message.push("the role `").push(lookup::name_at(roles, grant.role as usize));
            message.push("` grants the scope `").push(grant.scope);
            message.push("`, which is not in `").push(scopes.type_name).push("`");
            if let Some(index) = lookup::closest(scopes, grant.scope) {
                message.push("; did you mean `").push(lookup::name_at(scopes, index)).push("`?");
            } else {
                message.push(": the `scopes` of a policy must list every scope its roles grant");
            }
            panic!("{}", message.text())
        }
        grants = rest;
    }
}
