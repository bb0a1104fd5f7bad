//! A program of which no guarded function is ever called.

use authz_core::requires;
use authz_programs::policy;

/// Pays an order back.
#[requires(role = "manager", any(scope = "write:orders", mfa), max_age = "5m", not(acr = "bronze"))]
pub fn refund() {}

/// Functions of a module.
pub mod inner {
    /// Never called, and of the name of another.
    #[authz_core::requires(role = "clerk", policy = authz_programs::policy)]
    pub fn refund() {}
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    authz_programs::print()
}
