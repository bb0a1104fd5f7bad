use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk;

#[requires(role = "clerk", identity = who)]
impl Desk {
    #[requires(scope = "write:orders")]
    fn cancel(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    fn refund(&self, _who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[must_use]
    fn r#type() -> u32 {
        7
    }
}

#[requires(role = "clerk")]
mod orders {
    pub async fn list() {}

    pub mod refunds {
        pub fn refund() {}
    }

    pub struct Page;

    impl Page {
        fn turn(&self) {}
    }

    impl Drop for Page {
        fn drop(&mut self) {}
    }

    pub trait Prints {
        fn print(&self);

        fn print_all(&self) {
            self.print();
        }
    }
}

fn main() {}
