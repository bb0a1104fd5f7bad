//! What methods do with orders that are there already: whose an order is, is asked here, and what of it the
//! caller sees.
//!
//! A method has no guard to open a sealed order with. Each of these functions takes one, and requires
//! what the method of its name does.

use authz_core::object::Masked;
use authz_core::{Guard, requires};
use orders::answer::ShopError;
use orders::shop::{Order, OrderId, Shop, Status};

/// The orders that the caller took; for auditors, every order.
#[requires(scope = "read:orders", object = owner, any_owner(role = "auditor"))]
pub(crate) fn list_orders(guard: Guard<list_orders>, shop: &Shop) -> Vec<Masked<Order>> {
    let orders = shop.orders().open(&guard);
    orders.into_iter().map(|order| Masked::new(order, &guard)).collect()
}

/// One order.
#[requires(scope = "read:orders", object = owner, any_owner(role = "auditor"))]
pub(crate) fn show_order(
    guard: Guard<show_order>,
    shop: &Shop,
    id: OrderId,
) -> Result<Masked<Order>, ShopError> {
    let order = shop.order(id).open(&guard)?;
    Ok(Masked::new(order, &guard))
}

/// Calls an order off: clerks their own, managers any.
#[requires(
    any(role = "manager", all(role = "clerk", max_age = "1h")),
    scope = "write:orders",
    object = owner,
    any_owner(role = "manager")
)]
pub(crate) fn cancel_order(
    guard: Guard<cancel_order>,
    shop: &Shop,
    id: OrderId,
) -> Result<Masked<Order>, ShopError> {
    let order = shop.close(shop.order(id).open(&guard)?, Status::Cancelled)?;
    Ok(Masked::new(order, &guard))
}

/// Pays an order back.
#[requires(role = "manager", scope = "write:orders", mfa, max_age = "5m", object = any)]
pub(crate) fn refund(
    guard: Guard<refund>,
    shop: &Shop,
    id: OrderId,
) -> Result<Masked<Order>, ShopError> {
    let order = shop.close(shop.order(id).open(&guard)?, Status::Refunded)?;
    Ok(Masked::new(order, &guard))
}
