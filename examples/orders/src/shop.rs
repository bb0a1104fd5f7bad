//! The shop itself: orders in memory. It knows whose an order is and which of its fields are for whom, and
//! nothing else of access: what it finds is sealed, and what is changed was opened.

use std::sync::{Arc, Mutex, PoisonError};

use authz_core::{Resource, Sealed};
use serde::Serialize;

use crate::answer::ShopError;

/// What the shop pays for one of anything, in cents.
const COST: u32 = 120;

/// The number of an order.
pub type OrderId = u64;

/// An order as the shop keeps it; of whoever took it.
#[derive(Clone, Debug, Resource)]
#[resource(owner = "taken_by")]
pub struct Order {
    /// The number of the order.
    pub id: OrderId,
    /// What was ordered.
    pub item: String,
    /// How many.
    pub quantity: u32,
    /// How many per cent are taken off.
    pub discount: u8,
    /// What the shop has paid for it, in cents: nothing for the counter.
    #[resource(read(role = "auditor"))]
    pub cost: u32,
    /// Who took the order.
    pub taken_by: String,
    /// Where the order stands.
    pub status: Status,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Taken and not yet delivered.
    Open,
    /// Called off.
    Cancelled,
    /// Paid back.
    Refunded,
}

/// An order as a client asks for it.
#[derive(Debug, Resource)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// What is ordered.
    pub item: String,
    /// How many.
    pub quantity: u32,
    /// How many per cent are taken off: managers say, clerks don't.
    #[serde(default)]
    #[resource(write(role = "manager"))]
    pub discount: u8,
}

/// The orders, shared by all requests.
#[derive(Clone, Debug, Default)]
pub struct Shop {
    orders: Arc<Mutex<Vec<Order>>>,
}

impl Shop {
    /// A shop with a first order, so that there is something to see.
    #[must_use]
    pub fn open() -> Self {
        let shop = Self::default();
        let ink = NewOrder { item: "ink".to_owned(), quantity: 3, discount: 0 };
        shop.place("opening", ink);
        shop
    }

    /// Every order.
    pub fn orders(&self) -> Sealed<Vec<Order>> {
        Sealed::new(self.locked(|orders| orders.clone()))
    }

    /// One order, if there is such an order.
    pub fn order(&self, id: OrderId) -> Sealed<Option<Order>> {
        let found = |orders: &mut Vec<Order>| orders.iter().find(|order| order.id == id).cloned();
        Sealed::new(self.locked(found))
    }

    /// Takes an order.
    #[expect(clippy::must_use_candidate, reason = "the order is taken, whoever looks at it")]
    pub fn place(&self, taken_by: &str, new: NewOrder) -> Order {
        self.locked(|orders| {
            let id = orders.last().map_or(1, |last| last.id + 1);
            let NewOrder { item, quantity, discount } = new;
            let (cost, status) = (quantity.saturating_mul(COST), Status::Open);
            let taken_by = taken_by.to_owned();
            let order = Order { id, item, quantity, discount, cost, taken_by, status };
            orders.push(order.clone());
            order
        })
    }

    /// Ends an open order, which the caller was shown.
    ///
    /// # Errors
    ///
    /// When it is there no more, or is not open.
    #[expect(clippy::needless_pass_by_value, reason = "what it was is no more")]
    pub fn close(&self, order: Order, status: Status) -> Result<Order, ShopError> {
        self.locked(|orders| {
            let order =
                orders.iter_mut().find(|kept| kept.id == order.id).ok_or(ShopError::NoSuchOrder)?;
            if order.status != Status::Open {
                return Err(ShopError::NotOpen);
            }
            order.status = status;
            Ok(order.clone())
        })
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Vec<Order>) -> T) -> T {
        // An order is pushed or changed in one step, so a poisoned list is still whole.
        work(&mut self.orders.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
