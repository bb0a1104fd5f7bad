//! Named requirements: one declaration for what several functions ask for.
//!
//! Absent on purpose: parameters. A rule that depends on more than the identity belongs into the
//! body of a [`manual`](crate::manual) function.

use crate::identity::Identity;
use crate::policy::Policy;
use crate::requirement::Named;

/// A requirement with a name, of the policy `P`; made by [`rule!`](crate::rule!).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rule of the policy `{P}`",
    label = "expected a rule made by `authz_core::rule!` under this policy",
    note = "declare one with `authz_core::rule!(pub Refund = all(role = \"...\", mfa));`, and with \
            `policy = ...` where the policy is not `crate::policy`"
)]
pub trait Rule<P: Policy> {
    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// The requirement with its name.
    #[doc(hidden)]
    const NAMED: &'static Named;

    /// Whether `identity` meets the rule.
    #[must_use]
    fn permits(identity: &Identity<P>) -> bool;
}

/// Declares a rule.
#[doc = include_str!("docs/rule.md")]
#[macro_export]
macro_rules! rule {
    ($($tokens:tt)*) => {
        $crate::__private::declare_rule! { $crate; $($tokens)* }
    };
}
