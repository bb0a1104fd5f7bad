use authz_core::{Denied, requires};
use authz_tests::policy::{self, Identity, Role};

struct Desk<T>(T);

#[requires(any(role = "clrek", role = "auditor"), scope = "write:order", identity = who)]
impl<T> Desk<T> {
    #[requires]
    fn refund(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(mfa)]
    fn cancel(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }

    #[requires(role = "manger")]
    fn list(&self, who: &Identity) -> Result<(), Denied> {
        Ok(())
    }
}

#[requires(role = Role::Clrek)]
mod orders {
    use super::{Role, requires};

    #[requires(scope = "read:order")]
    pub fn list() {}

    #[requires]
    pub fn refund() {}

    #[requires(mfa, role = "manger")]
    pub mod refunds {
        use super::Role;

        #[authz_core::requires]
        pub fn list() {}

        #[authz_core::requires]
        pub fn refund() {}
    }
}

fn main() {}
