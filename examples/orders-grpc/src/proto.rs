//! What tonic makes of `proto/orders.proto`, and the shop's own types as messages.

#![allow(
    missing_docs,
    missing_debug_implementations,
    unused_qualifications,
    clippy::allow_attributes_without_reason,
    clippy::pedantic,
    reason = "written by tonic"
)]

use authz_core::object::Masked;
use orders::shop;

tonic::include_proto!("orders.v1");

/// Of an order, what the caller may see.
impl From<Masked<shop::Order>> for Order {
    fn from(order: Masked<shop::Order>) -> Self {
        let seen = order.seen();
        Self {
            id: *seen.id,
            item: seen.item.clone(),
            quantity: *seen.quantity,
            taken_by: seen.taken_by.clone(),
            status: Status::from(*seen.status).into(),
            discount: (*seen.discount).into(),
            cost: seen.cost.copied(),
        }
    }
}

impl From<shop::Status> for Status {
    fn from(status: shop::Status) -> Self {
        match status {
            shop::Status::Open => Self::Open,
            shop::Status::Cancelled => Self::Cancelled,
            shop::Status::Refunded => Self::Refunded,
        }
    }
}

impl From<NewOrder> for shop::NewOrder {
    fn from(new: NewOrder) -> Self {
        let NewOrder { item, quantity } = new;
        // A message has no fields for some alone: a discount would be a method of its own.
        Self { item, quantity, discount: 0 }
    }
}
