//! Identities, a clock and an issuer for tests (feature `testing`).
//!
//! Everything here is real: an identity holds the closure of its roles, a token is signed, and a
//! verifier checks it. Absent on purpose: a switch that turns checks off. A mistake in a test,
//! such as a role that the policy doesn't have, panics with a message.
#![expect(clippy::panic, reason = "a mistake in a test ends the test")]

mod clock;
mod identity;
mod issuer;
mod manifest;

pub use clock::Clock;
pub use identity::{IdentityBuilder, identity};
pub use issuer::{TestIssuer, TokenBuilder};
pub use manifest::assert_lock;
#[cfg(feature = "axum")]
pub use manifest::assert_manifest;
