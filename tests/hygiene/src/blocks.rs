//! Blocks of functions under one attribute.

use ::authz::{Denied, requires};
use ::core::result::Result::{self, Ok};

use crate::policy::Identity;

/// Something with methods.
#[derive(::core::fmt::Debug)]
pub struct Desk<T> {
    who: Identity,
    orders: T,
}

#[requires(any(role = "clerk", role = "admin"), identity = self.who, crate = ::authz, unreachable(new))]
impl<T: ::core::marker::Copy> Desk<T> {
    /// How many there are at most.
    pub const LIMIT: u32 = 7;

    /// Makes one.
    pub fn new(who: Identity, orders: T) -> Self {
        Self { who, orders }
    }

    /// Of the block.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    #[requires]
    pub fn orders(&self) -> Result<T, Denied> {
        Ok(self.orders)
    }

    /// Of the block, and more; in a future, with a lifetime.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    #[requires(scope = "write", not(role = crate::policy::Role::r#Type))]
    #[::tracing::instrument(skip_all)]
    pub async fn r#type<'a>(&'a mut self, name: &'a str) -> Result<&'a str, Denied> {
        Ok(::core::future::ready(name).await)
    }
}

/// A trait with methods.
pub trait Cancels {
    /// What is cancelled.
    type Order;

    /// Guarded where it is written.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    fn cancel(who: &Identity, order: Self::Order) -> Result<(), Denied>;
}

#[requires(role = "clerk", identity = who, crate = ::authz)]
impl<T> Cancels for Desk<T> {
    type Order = u32;

    #[requires(mfa)]
    fn cancel(who: &Identity, order: u32) -> Result<(), Denied> {
        let _ = order;
        Ok(())
    }
}

/// A module of functions.
#[requires(role = "clerk", crate = ::authz, unreachable(double))]
pub mod orders {
    use ::authz::Guard;

    /// Of the block.
    #[::authz::requires]
    #[must_use]
    pub fn list(guard: Guard<list>, number: u32) -> crate::policy::Identity {
        let _ = double(number);
        guard.into_identity()
    }

    fn double(number: u32) -> u32 {
        number * 2
    }

    /// Says more than the module around.
    #[::authz::requires(scope = "write")]
    pub mod refunds {
        /// Of the blocks.
        #[::authz::requires]
        pub async fn refund() -> u32 {
            ::core::future::ready(7).await
        }
    }

    /// Not there, and neither is anything made for it.
    #[cfg(any())]
    #[::authz::requires(role = "nobody knows")]
    pub fn absent() {}
}

macro_rules! guarded {
    ($(#[$attribute:meta])* $name:ident, $role:literal { $($item:item)* }) => {
        $(#[$attribute])*
        #[requires(role = $role, crate = ::authz)]
        pub mod $name {
            $($item)*
        }
    };
}

guarded! {
    /// Made by a macro of the user.
    made, "clerk" {
        /// Before a function.
        pub const LIMIT: u32 = 7;

        /// In a macro.
        #[::authz::requires]
        #[must_use]
        pub fn limit() -> u32 {
            LIMIT
        }
    }
}
