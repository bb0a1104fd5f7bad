use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity, Role};

struct Desk;

#[requires(role = "manager", acr = "gold", max_age = "5m", identity = who)]
impl Desk {
    #[requires(role = "manager")]
    fn same(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(role = Role::Clerk, acr = "gold")]
    fn included(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(acr = "silver")]
    fn class(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(not(role = "clerk"))]
    fn nobody(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(max_age = "1h")]
    fn age(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(authenticated)]
    fn anybody(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = "clerk")]
mod orders {
    #[authz_core::requires(role = "clerk", mfa)]
    pub mod refunds {
        #[authz_core::requires(mfa)]
        pub fn refund() {}

        #[authz_core::requires(scope = "write:orders")]
        pub fn cancel() {}
    }
}

#[requires(role = "manager", role = "clerk")]
mod itself {
    #[authz_core::requires]
    pub fn refund() {}

    #[authz_core::requires(mfa)]
    pub fn cancel() {}
}

fn main() {}
