//! Attributes beside ours, above and below, stay and go on working.

use ::authz::{Guard, public, requires};

/// Must be used.
#[must_use]
#[requires(role = "clerk", crate = ::authz)]
pub fn used() -> u32 {
    7
}

/// Must be used, said below.
#[requires(role = "clerk", crate = ::authz)]
#[must_use = "it is the number"]
pub fn used_below() -> u32 {
    7
}

/// Is old, which is said of its callers and not of what the macro emits.
#[requires(role = "clerk", crate = ::authz)]
#[deprecated = "nobody calls it"]
#[must_use]
pub fn old(guard: Guard<old>) -> crate::policy::Identity {
    guard.into_identity()
}

/// Is there.
#[requires(role = "clerk", crate = ::authz)]
#[cfg(not(any()))]
pub fn present() {}

/// Is not there, and neither is anything made for it.
#[requires(role = "nobody knows", crate = ::authz)]
#[cfg(any())]
pub fn absent() {}

/// Leaves a span.
#[requires(role = "clerk", crate = ::authz)]
#[::tracing::instrument(skip_all, fields(subject = guard.subject()))]
pub async fn traced(guard: Guard<traced>, order: u32) -> u32 {
    drop_guard(guard);
    ::core::future::ready(order).await
}

/// Leaves a span, said above.
#[::tracing::instrument(skip_all)]
#[requires(role = "clerk", crate = ::authz)]
pub async fn traced_above(order: u32) -> u32 {
    ::core::future::ready(order).await
}

/// Inlined, cold, and allowed to be strange.
#[requires(role = "clerk", crate = ::authz)]
#[inline]
#[cold]
#[expect(non_snake_case, reason = "the test of an expectation that is met")]
pub fn Strange() {}

/// Probed by a load balancer.
#[public(reason = "load balancer probe", crate = ::authz)]
#[track_caller]
#[must_use]
pub fn health() -> &'static str {
    "ok"
}

fn drop_guard(guard: Guard<traced>) {
    ::core::mem::drop(guard);
}
