//! Declarative access control: checked by the compiler, enforced on verified identities.

// Generated code names this crate `::authz_core`, here as everywhere else.
#[allow(unused_extern_crates, reason = "only expansions name it")]
extern crate self as authz_core;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod audit;
#[cfg(feature = "axum")]
pub mod axum;
mod clock;
mod denied;
#[cfg(test)]
mod fixture;
mod guard;
pub mod http;
mod identity;
pub mod manifest;
mod message;
mod policy;
pub mod registry;
mod requirement;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
pub mod vocabulary;

#[doc = include_str!("docs/roles.md")]
pub use authz_macros::Roles;
#[doc = include_str!("docs/scopes.md")]
pub use authz_macros::Scopes;
pub use authz_macros::{manual, public, requires};
pub use denied::Denied;
pub use guard::{Guard, Guarded, Open, OpenToAll};
pub use identity::Identity;
pub use manifest::manifest;
pub use policy::Policy;
pub use requirement::{Missing, Name, Requirement};
pub use vocabulary::{Roles, Scopes, Vocabulary};
