//! Signatures of every kind.

use ::authz::{Guard, requires};
use ::core::fmt::Debug;
use ::core::marker::Send;

/// With generics, a bound and an argument of `impl Trait`.
#[requires(role = "clerk", crate = ::authz)]
pub fn generic<T, const N: usize>(values: &[T; N], show: impl Debug) -> impl Debug
where
    T: ::core::clone::Clone + Debug,
{
    (<[T; N] as ::core::clone::Clone>::clone(values), show)
}

/// With lifetimes.
#[requires(role = "clerk", crate = ::authz)]
#[must_use]
pub fn longer<'a, 'b: 'a>(left: &'a str, right: &'b str) -> (&'a str, &'b str) {
    (if left.len() > right.len() { left } else { right }, right)
}

/// With a guard, generics and a future.
#[requires(scope = "write", mfa, max_age = "5m", crate = ::authz)]
pub async fn asynchronous<T: Send + Debug>(guard: Guard<asynchronous>, value: T) -> T {
    let _ = guard.subject();
    ::core::future::ready(value).await
}

/// With patterns for arguments.
#[requires(any(role = "admin", not(all(role = "clerk", scope = "read"))), crate = ::authz)]
#[must_use]
pub fn patterns((left, _): (u32, u32), [first, ..]: [u32; 2], mut sum: u32) -> u32 {
    sum += left + first;
    sum
}

/// With a future that is written out.
#[requires(role = "clerk", crate = ::authz)]
pub fn future() -> impl ::core::future::Future<Output = u32> {
    ::core::future::ready(7)
}

/// In an inner function, and in a module inside of one.
#[must_use]
pub fn outer(who: &crate::policy::Identity) -> bool {
    #[requires(role = "clerk", crate = ::authz)]
    fn inner() -> bool {
        true
    }

    match who.authorize::<inner>() {
        ::core::result::Result::Ok(guard) => inner(guard),
        ::core::result::Result::Err(_) => false,
    }
}
