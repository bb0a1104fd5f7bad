//! Methods, and functions that name where the identity comes from.

use ::authz::{Denied, manual, public, requires};
use ::core::result::Result::{self, Ok};

use crate::policy::Identity;

/// Something with methods.
#[derive(::core::fmt::Debug)]
pub struct Shop<T> {
    who: Identity,
    orders: T,
}

impl<T: ::core::marker::Copy> Shop<T> {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    #[requires(role = "clerk", identity = who, crate = ::authz)]
    pub fn open(who: &Identity, orders: T) -> Result<Self, Denied> {
        Ok(Self { who: <Identity as ::core::clone::Clone>::clone(who), orders })
    }

    /// Of a field.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    #[requires(role = "clerk", identity = self.who, crate = ::authz)]
    pub fn orders(&self) -> Result<T, Denied> {
        Ok(self.orders)
    }

    /// Of a method, in a future.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    #[requires(scope = "write", identity = self.who(), crate = ::authz)]
    pub async fn take<'a>(&'a mut self, name: &'a str) -> Result<&'a str, Denied> {
        Ok(::core::future::ready(name).await)
    }

    /// Of a request.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    #[manual(reason = "looks at the order", identity = request, crate = ::authz)]
    pub fn look<B>(&self, request: &::http::Request<B>) -> Result<(), Denied> {
        Ok(())
    }

    /// For everybody.
    #[public(reason = "opening hours are on the door", crate = ::authz)]
    #[must_use]
    pub fn hours(&self) -> u32 {
        9
    }

    fn who(&self) -> &Identity {
        &self.who
    }
}

/// A trait with guarded methods.
pub trait Refunds {
    /// Guarded where it is written.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    fn refund(&self, who: &Identity) -> Result<(), Denied>;

    /// Guarded in the trait.
    ///
    /// # Errors
    ///
    /// Denied to who may not.
    #[requires(role = "admin", identity = who, crate = ::authz)]
    fn refund_all(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

impl<T> Refunds for Shop<T> {
    #[requires(role = "clerk", identity = who, crate = ::authz)]
    fn refund(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}
