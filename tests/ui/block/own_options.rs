use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity};

struct Desk {
    who: Identity,
}

#[requires(role = "clerk", policy = policy, identity = self.who)]
impl Desk {
    #[requires(scope = "read:stock", policy = authz_tests::warehouse, crate = ::authz_core)]
    fn stock(&self) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(scope = "write:orders", identity = who)]
    fn cancel(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "packer", policy = authz_tests::warehouse)]
mod orders {
    #[authz_core::requires(scope = "read:stock", policy = authz_tests::warehouse)]
    pub mod stock {
        #[authz_core::requires]
        pub fn list() {}
    }
}

fn main() {}
