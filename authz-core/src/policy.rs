//! A policy joins a vocabulary of roles with a vocabulary of scopes, and gives the generic types
//! of this crate their meaning.

use crate::message::Message;
use crate::registry::PolicyRecord;
use crate::vocabulary::{Roles, Scopes, lookup};

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
    ($(#[$attribute:meta])* $visibility:vis $name:ident {
        roles: $roles:ty, scopes: $scopes:ty $(,)?
    }) => {
        $(#[$attribute])*
        #[doc = "The access policy: its roles and its scopes."]
        #[derive(Clone, Copy, Debug)]
        $visibility enum $name {}

        const _: () = {
            static RECORD: $crate::__private::PolicyRecord =
                $crate::__private::PolicyRecord::new::<$name>(
                    ::core::concat!(::core::module_path!(), "::", ::core::stringify!($name)),
                    {
                        const GRANTS: &[(u32, u32)] = &$crate::__private::resolve_grants::<
                            $roles,
                            $scopes,
                            { <$roles as $crate::Roles>::GRANTS.len() },
                        >();
                        GRANTS
                    },
                );

            impl $crate::Policy for $name {
                type Role = $roles;
                type Scope = $scopes;
                const RECORD: &'static $crate::__private::PolicyRecord = &RECORD;
            }

            $crate::__register! { policy RECORD }
        };

        #[doc = "A verified identity under this policy."]
        $visibility type Identity = $crate::Identity<$name>;

        #[doc = "A token verifier for this policy."]
        $visibility type Verifier = $crate::token::Verifier<$name>;

        $crate::__policy_alias! { $visibility $name }
    };
    ($($anything:tt)*) => {
        ::core::compile_error!(
            "expected `policy!(pub Policy { roles: Role, scopes: Scope })`: a visibility, \
             a name, the enum with `#[derive(Roles)]` and the enum with `#[derive(Scopes)]`"
        );
    };
}

/// The attributes find a policy as `<module>::Policy`; one of another name gets that alias.
#[doc(hidden)]
#[macro_export]
macro_rules! __policy_alias {
    ($visibility:vis Policy) => {};
    ($visibility:vis $name:ident) => {
        #[doc(hidden)]
        $visibility type Policy = $name;
    };
}

/// The grants of `R` as pairs of indices into `R` and `S`.
#[doc(hidden)]
#[must_use]
#[expect(clippy::panic, reason = "evaluated by the compiler: the panic is the error message")]
#[expect(clippy::cast_possible_truncation, reason = "a vocabulary has fewer than 2^32 names")]
pub const fn resolve_grants<R: Roles, S: Scopes, const COUNT: usize>() -> [(u32, u32); COUNT] {
    let mut resolved = [(0, 0); COUNT];
    let mut targets: &mut [(u32, u32)] = &mut resolved;
    let mut grants = R::GRANTS;
    while let ([grant, more_grants @ ..], [target, more_targets @ ..]) = (grants, targets) {
        let Some(scope) = lookup::find(S::TABLE, grant.scope, lookup::hash(grant.scope)) else {
            let mut message = Message::new();
            message
                .push("the role `")
                .push(lookup::name_at(R::TABLE, grant.role as usize))
                .push("` grants the scope `")
                .push(grant.scope)
                .push("`, which is not in `")
                .push(S::TABLE.type_name)
                .push("`");
            if let Some(index) = lookup::closest(S::TABLE, grant.scope) {
                message.push("; did you mean `").push(lookup::name_at(S::TABLE, index)).push("`?");
            } else {
                message.push("; the scopes of a policy list every scope that its roles grant");
            }
            panic!("{}", message.text())
        };
        *target = (grant.role, scope as u32);
        (grants, targets) = (more_grants, more_targets);
    }
    resolved
}
