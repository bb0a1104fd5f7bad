//! Methods of two types have one name and one module, and each carries an attribute of its own.
//! A reviewer believes: a change of what `refund` asks for is in the difference of the lock.
//! The two change places, and the lock stays as it is. No list of functions is made of them.

use authz_core::{Denied, requires};
use authz_tests::policy::Identity;

pub(crate) struct Desk(pub(crate) u32);
pub(crate) struct Vault(pub(crate) u32);

impl Desk {
    #[requires(role = "clerk", identity = caller)]
    pub(crate) fn refund(&self, caller: &Identity) -> Result<u32, Denied> {
        Ok(self.0)
    }
}

impl Vault {
    #[requires(role = "manager", identity = caller)]
    pub(crate) fn refund(&self, caller: &Identity) -> Result<u32, Denied> {
        Ok(self.0)
    }
}
