//! The service: its handlers, each with what it takes to call it, and their routes.

use authz_core::axum::Router;
use authz_core::manifest::Manifest;
use authz_core::object::{Input, Masked};
use authz_core::{Guard, manual, public, requires};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use crate::answer::{Page, Placed, ShopError, Unavailable};
use crate::policy::{self, Policy};
use crate::shop::{NewOrder, Order, OrderId, Shop, Status};

/// Every route of the service.
pub fn router(shop: Shop) -> Router<Policy> {
    Router::new()
        .mount(list_orders)
        .mount(place_order)
        .mount(show_order)
        .mount(cancel_order)
        .mount(refund)
        .mount(me)
        .mount(health)
        .mount(report)
        .mount(manifest)
        .with_state(shop)
}

/// Lists the orders that the caller took; to auditors, every order.
#[requires(
    scope = "read:orders",
    object = owner,
    any_owner(role = "auditor"),
    route = "GET /orders"
)]
async fn list_orders(
    guard: Guard<list_orders>,
    State(shop): State<Shop>,
) -> Json<Masked<Vec<Order>>> {
    let orders = shop.orders().open(&guard);
    Json(Masked::new(orders, &guard))
}

/// Shows one order.
#[requires(
    scope = "read:orders",
    object = owner,
    any_owner(role = "auditor"),
    route = "GET /orders/{id}"
)]
async fn show_order(
    guard: Guard<show_order>,
    State(shop): State<Shop>,
    Path(id): Path<OrderId>,
) -> Result<Json<Masked<Order>>, ShopError> {
    let order = shop.order(id).open(&guard)?;
    Ok(Json(Masked::new(order, &guard)))
}

/// Takes an order; a discount is for managers to give.
#[requires(role = "clerk", scope = "write:orders", route = "POST /orders")]
async fn place_order(
    guard: Guard<place_order>,
    State(shop): State<Shop>,
    Json(new): Json<Input<NewOrder>>,
) -> Result<Placed, ShopError> {
    let new = new.accept(&guard)?;
    let order = shop.place(guard.subject(), new);
    Ok(Placed(Masked::new(order, &guard)))
}

/// Calls an order off: clerks their own, managers any.
#[requires(
    any(role = "manager", all(role = "clerk", max_age = "1h")),
    scope = "write:orders",
    object = owner,
    any_owner(role = "manager"),
    route = "DELETE /orders/{id}"
)]
async fn cancel_order(
    guard: Guard<cancel_order>,
    State(shop): State<Shop>,
    Path(id): Path<OrderId>,
) -> Result<Json<Masked<Order>>, ShopError> {
    let order = shop.order(id).open(&guard)?;
    let order = shop.close(order, Status::Cancelled)?;
    Ok(Json(Masked::new(order, &guard)))
}

/// Pays an order back.
#[requires(
    role = "manager",
    scope = "write:orders",
    mfa,
    max_age = "5m",
    object = any,
    route = "POST /orders/{id}/refund"
)]
async fn refund(
    guard: Guard<refund>,
    State(shop): State<Shop>,
    Path(id): Path<OrderId>,
) -> Result<Json<Masked<Order>>, ShopError> {
    let order = shop.order(id).open(&guard)?;
    let order = shop.close(order, Status::Refunded)?;
    Ok(Json(Masked::new(order, &guard)))
}

/// Tells callers who they are.
#[manual(reason = "shows the caller nothing but the caller", route = "GET /me")]
async fn me(guard: Guard<me>) -> Json<Me> {
    Json(Me::from(guard.identity()))
}

/// Answers the load balancer.
#[public(reason = "load balancer probe", route = "GET /health")]
async fn health() -> &'static str {
    "ok"
}

/// Shows who reaches what.
#[public(
    reason = "an example has nothing to hide; a real service would require a scope",
    route = "GET /"
)]
async fn report() -> Result<Page, Unavailable> {
    let page = cargo_authz::report::html("orders", &authz_core::manifest()?, None)?;
    Ok(Page(page))
}

/// Tells what every function requires.
#[requires(scope = "read:access", route = "GET /authz/manifest.json")]
async fn manifest() -> Result<Json<Manifest>, Unavailable> {
    Ok(Json(authz_core::manifest()?))
}

/// What a caller is told about itself.
#[derive(Debug, Serialize)]
struct Me {
    subject: String,
    roles: Vec<&'static str>,
    scopes: Vec<&'static str>,
}

impl From<&policy::Identity> for Me {
    fn from(identity: &policy::Identity) -> Self {
        use authz_core::Vocabulary as _;
        Self {
            subject: identity.subject().to_owned(),
            roles: identity.roles().map(policy::Role::wire_name).collect(),
            scopes: identity.scopes().map(policy::Scope::wire_name).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::router;
    use crate::shop::Shop;

    #[test]
    fn the_lock_says_what_the_service_requires_and_the_router_has_every_route() {
        authz_core::testing::assert_manifest("authz.lock", &router(Shop::open()));
    }

    #[tokio::test]
    async fn every_handler_refuses_whom_it_must() {
        authz_core::testing::denial_matrix!(router(Shop::open())).await;
    }
}
