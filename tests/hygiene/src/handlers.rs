//! Handlers of a router.

use ::authz::axum::Router;
use ::authz::axum::routing::get;
use ::authz::{Guard, manual, public, requires};
use ::axum::Json;
use ::axum::extract::{Path, State};

use crate::policy::{Policy, Verifier};

/// Lists.
#[requires(scope = "read", crate = ::authz)]
pub async fn list(State(limit): State<u32>) -> Json<u32> {
    Json(::core::future::ready(limit).await)
}

/// Places.
#[requires(role = "clerk", scope = "write", crate = ::authz)]
pub async fn place(guard: Guard<place>, Path(id): Path<u32>, Json(order): Json<u32>) -> Json<u32> {
    let _ = guard.subject();
    Json(::core::future::ready(id + order).await)
}

/// Shows callers themselves.
#[manual(reason = "shows the caller nothing but the caller", crate = ::authz)]
pub async fn me(guard: Guard<me>) -> ::std::string::String {
    ::core::future::ready(()).await;
    <str as ::std::borrow::ToOwned>::to_owned(guard.subject())
}

/// Answers the load balancer.
#[public(reason = "load balancer probe", crate = ::authz)]
pub async fn health() -> &'static str {
    ::core::future::ready("ok").await
}

/// All of them.
pub fn app(verifier: Verifier) -> ::axum::Router {
    Router::<Policy, u32>::new()
        .route("/orders", get(list))
        .route("/orders/{id}", get(list).post(place))
        .route("/me", get(me))
        .route("/health", get(health))
        .with_state(20)
        .secured_by(verifier)
}
