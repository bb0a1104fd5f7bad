//! Which functions a route takes: those that carry one of the three attributes.

use crate::access::Access;
use crate::policy::Policy;
use crate::registry::Function;

/// A handler that carries `#[requires(…)]`, `#[public(…)]` or `#[manual(…)]`.
///
/// The attribute shows in the first argument, [`Guard`](crate::Guard) or [`Open`](crate::Open), and
/// that is what this trait is implemented for: functions whose first argument is one of the two, up
/// to sixteen arguments as in actix. Nothing else can implement it. That the other arguments are
/// extractors and the function is a handler of actix is asked apart, by [`Mount`](super::Mount), so
/// that each mistake gets its own message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not annotated with `#[requires(...)]`, `#[public(...)]` or `#[manual(...)]`",
    label = "this handler does not say who may call it",
    note = "put one of the attributes on the function: `#[requires(scope = \"...\")]`, or \
            `#[public(reason = \"...\")]` if anybody may call it",
    note = "where `#[requires]`, `#[authorize]` or `#[protect]` stands on it already, that attribute \
            is another crate's and does not count here; this one is `authz_core::requires`",
    note = "a closure can't carry an attribute: write a function"
)]
pub trait Protected<T> {
    /// The policy the function stands under.
    type Policy: Policy;

    /// The first argument.
    type Access: Access<Policy = Self::Policy>;

    /// Of a type without a path to it, so that this trait can't be implemented elsewhere.
    #[doc(hidden)]
    const SEAL: sealed::Seal;

    /// The record of the function.
    #[must_use]
    fn function() -> &'static Function;
}

mod sealed {
    #[derive(Debug)]
    pub struct Seal;
}

macro_rules! protected {
    ($($argument:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<F, Future, A, $($argument,)*> Protected<(A, $($argument,)*)> for F
        where
            F: Fn(A, $($argument,)*) -> Future,
            A: Access,
        {
            type Policy = A::Policy;
            type Access = A;
            const SEAL: sealed::Seal = sealed::Seal;

            fn function() -> &'static Function {
                A::FUNCTION
            }
        }
    };
}

protected!();
protected!(T2);
protected!(T2 T3);
protected!(T2 T3 T4);
protected!(T2 T3 T4 T5);
protected!(T2 T3 T4 T5 T6);
protected!(T2 T3 T4 T5 T6 T7);
protected!(T2 T3 T4 T5 T6 T7 T8);
protected!(T2 T3 T4 T5 T6 T7 T8 T9);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15);
protected!(T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16);
