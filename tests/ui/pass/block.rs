//! Blocks; each a neighbour of the mistakes in `block`.

use async_trait::async_trait;
use authz_core::{Denied, Guard, manual, public, requires};
use authz_tests::policy::{self, Identity, Role};

struct Desk<T> {
    who: Identity,
    orders: T,
}

#[requires(role = "clerk", identity = self.who, unreachable(new, r#type))]
impl<T: Clone> Desk<T> {
    fn new(who: &Identity, orders: T) -> Self {
        Self { who: who.clone(), orders }
    }

    fn r#type() -> &'static str {
        "desk"
    }

    #[requires]
    fn list(&self) -> Result<T, Denied> {
        Ok(self.orders.clone())
    }

    /// Both are asked for.
    #[requires(scope = "write:orders", max_age = "5m")]
    pub async fn cancel<'a>(&mut self, reason: &'a str) -> Result<&'a str, Denied> {
        Ok(reason)
    }

    #[cfg(any())]
    #[requires(role = "nobody knows")]
    fn absent(&self) -> Result<T, Denied> {
        Ok(self.orders.clone())
    }

    #[cfg_attr(all(), must_use)]
    #[requires]
    fn count(&self) -> Result<u32, Denied> {
        Ok(7)
    }
}

// Expressions without functions, and a body with types of its own.
#[requires(role = "clerk", identity = self.who)]
impl Desk<Vec<u8>> {
    const NAME: &'static str = concat!("desk of ", module_path!());
    const SIZE: usize = {
        let side = 3;
        side * side
    };
    const COUNT: fn(&str) -> usize = str::len;

    #[requires]
    fn shelves(&self, shelf: [u8; 1 + 2]) -> Result<String, Denied> {
        #[derive(Debug)]
        struct Shelves<T>(T);
        impl<T: std::fmt::Debug> std::fmt::Display for Shelves<T>
        where
            T: Clone,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
        fn all(shelf: impl IntoIterator<Item = u8>) -> impl Iterator<Item = u8> {
            shelf.into_iter()
        }
        Ok(Shelves(all(shelf).collect::<Vec<u8>>()).to_string())
    }
}

// Another block of the same type, open function by function.
impl<T> Desk<T> {
    #[public(reason = "opening hours are on the door")]
    fn hours(&self) -> u32 {
        9
    }

    #[manual(reason = "the body asks the shop", identity = self.who)]
    fn me(&self) -> Result<&str, Denied> {
        Ok(self.who.subject())
    }
}

// Each function says where the identity comes from.
#[requires(any(role = Role::Manager, role = "auditor"))]
impl Desk<String> {
    #[requires(identity = self.who)]
    fn read(&self) -> Result<&str, Denied> {
        Ok(&self.orders)
    }

    #[requires(mfa, identity = who)]
    fn write(who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

#[async_trait]
trait Refunds {
    const LIMIT: u32;

    async fn refund(&self, who: &Identity, order: u32) -> Result<u32, Denied>;
}

#[requires(role = "clerk", identity = who)]
#[async_trait]
impl<T: Sync> Refunds for Desk<T> {
    const LIMIT: u32 = 7;

    #[requires(scope = "write:orders")]
    async fn refund(&self, who: &Identity, order: u32) -> Result<u32, Denied> {
        Ok(order)
    }
}

struct Table<const N: usize>;

// Braces in the type are not those of the block.
#[requires(role = "clerk", identity = who)]
impl Table<{ 3 + 4 }>
where
    [(); 7]: Send,
{
    #[requires]
    fn clear(who: Option<&Identity>) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "clerk", unreachable(double))]
mod orders {
    //! A module.

    use super::{Denied, Guard, Identity, requires};

    const LIMIT: u32 = 7;
    static NAME: &str = "orders";

    // A definition makes nothing yet, and inside a function it makes what the function guards.
    macro_rules! seven {
        () => {
            7
        };
    }

    #[derive(Clone, Debug)]
    pub struct Page {
        number: u32,
    }

    #[requires]
    pub async fn list(guard: Guard<list>) -> Page {
        Page { number: double(LIMIT) + seven!() + guard.subject().len() as u32 }
    }

    fn double(number: u32) -> u32 {
        number * 2
    }

    #[requires(scope = "write:orders")]
    pub mod refunds {
        #[authz_core::requires(mfa)]
        pub fn refund() {}
    }

    #[requires(unreachable(default))]
    impl Default for Page {
        fn default() -> Self {
            Self { number: 0 }
        }
    }

    impl Page {
        #[requires(identity = who)]
        fn turn(&mut self, who: &Identity) -> Result<(), Denied> {
            self.number += 1;
            Ok(())
        }
    }

    pub trait Prints {
        fn print(&self);

        #[requires(identity = who)]
        fn print_all(&self, who: &Identity) -> Result<(), Denied> {
            Ok(())
        }
    }

    #[cfg(test)]
    mod tests {
        fn helper() {}
    }
}

fn main() {
    assert_eq!(Desk::<u32>::r#type(), "desk");
}
