//! A method of the guarded type stands in the value of a constant, inside the guarded block.
//! A reviewer believes: every function in the block says what it asks for, or does not compile.
//! `wipe` asked for nothing, and was not listed. The block refuses it.

use authz_core::requires;
use authz_tests::policy;

pub struct Shop;

#[requires(role = "manager")]
pub mod shop {
    use super::Shop;

    const _: () = {
        impl Shop {
            pub fn wipe(&self) {}
        }
    };
}

fn main() {
    Shop.wipe();
}
