//! What two programs share: a policy and two guarded functions.

use authz_core::{public, requires};

/// Who there is, and what may be asked for.
pub mod policy {
    use authz_core::{Roles, Scopes};

    /// The roles.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        /// Runs the shop.
        #[role(includes(Clerk))]
        Manager,
        /// Takes orders.
        #[role(grants(Scope::WriteOrders))]
        Clerk,
    }

    /// The scopes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        /// See orders.
        #[scope("read:orders")]
        ReadOrders,
        /// Change orders.
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

/// Shows an order.
#[requires(scope = "read:orders")]
pub fn show() {}

/// Says that all is well.
#[public(reason = "load balancer probe")]
pub fn health() {}

/// Prints the manifest of the running program.
///
/// # Errors
///
/// When there is no manifest.
pub fn print() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", serde_json::to_string(&authz_core::manifest()?)?);
    Ok(())
}
