//! What tonic makes of `proto/orders.proto`, and the shop's own types as messages.

#![allow(
    missing_docs,
    missing_debug_implementations,
    unused_qualifications,
    clippy::allow_attributes_without_reason,
    clippy::pedantic,
    reason = "written by tonic"
)]

use orders::shop;

tonic::include_proto!("orders.v1");

impl From<shop::Order> for Order {
    fn from(order: shop::Order) -> Self {
        let shop::Order { id, item, quantity, taken_by, status } = order;
        Self { id, item, quantity, taken_by, status: Status::from(status).into() }
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
        Self { item, quantity }
    }
}
