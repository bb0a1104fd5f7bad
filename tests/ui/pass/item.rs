//! What can be guarded; each a neighbour of the mistakes in `item`.

use authz_core::{Denied, Guard, Open, manual, public, requires};
use authz_tests::policy;

#[requires(role = "clerk")]
fn without_guard(order: u32) -> u32 {
    order
}

#[requires(role = "clerk")]
fn with_guard(guard: Guard<with_guard>, order: u32) -> String {
    format!("{} {order}", guard.subject())
}

// A lint can't take a proof away.
#[requires(role = "clerk")]
fn with_a_lint(#[allow(clippy::needless_pass_by_value)] _guard: Guard<with_a_lint>) {}

// A parameter hides nothing but its own name.
#[requires(role = "clerk")]
fn generic<Order: Copy>(_guard: Guard<generic>, order: Order) -> Order {
    order
}

/// Pays back: what was paid and what was not.
#[public(reason = "Öffnungszeiten – „wie an der Tür“, 営業時間")]
fn texts_of_all_languages() {}

#[requires(role = "clerk")]
async fn asynchronous(order: u32) -> u32 {
    order
}

/// # Safety
///
/// Nothing to keep.
#[requires(role = "clerk")]
unsafe fn unsafe_function() {}

#[public(reason = "load balancer probe")]
async fn health(_open: Open<health>) {}

#[manual(reason = "the body asks the shop")]
fn me(guard: Guard<me>) -> String {
    guard.subject().to_owned()
}

struct Shop;

impl Shop {
    #[requires(role = "clerk", identity = who)]
    fn refund(&self, who: &policy::Identity, order: u32) -> Result<u32, Denied> {
        Ok(order)
    }

    #[requires(role = "clerk", identity = who)]
    fn open(who: &policy::Identity) -> Result<Self, Denied> {
        Ok(Self)
    }

    #[requires(role = "clerk", identity = who)]
    fn count(who: &policy::Identity) -> Result<u32, Denied> {
        Ok(0)
    }

    #[manual(reason = "the body asks the shop", identity = who)]
    async fn me(&mut self, who: policy::Identity) -> Result<String, Denied> {
        Ok(who.subject().to_owned())
    }

    #[public(reason = "opening hours are on the door")]
    fn hours(&self) -> &'static str {
        "nine to five"
    }
}

trait Refunds {
    fn refund_by_trait(&self, who: &policy::Identity) -> Result<(), Denied>;

    #[requires(role = "admin", identity = who)]
    fn refund_all(&self, who: &policy::Identity) -> Result<(), Denied> {
        Ok(())
    }
}

impl Refunds for Shop {
    #[requires(role = "clerk", identity = who)]
    fn refund_by_trait(&self, who: &policy::Identity) -> Result<(), Denied> {
        Ok(())
    }
}

// An attribute further down that keeps the function a function.
#[requires(role = "clerk")]
#[must_use]
#[cfg(all())]
fn with_attributes() -> u32 {
    7
}

mod orders {
    #[authz_core::requires(role = "clerk")]
    pub fn orders() {}
}

fn main() {
    assert_eq!(Shop.hours(), "nine to five");
}
