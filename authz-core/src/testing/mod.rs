//! Identities, a clock and an issuer for tests (feature `testing`), and the test that every
//! handler refuses whom it must.
//!
//! Everything here is real: an identity holds the closure of its roles, a token is signed, and a
//! verifier checks it. Absent on purpose: a switch that turns checks off. A mistake in a test,
//! such as a role that the policy doesn't have, panics with a message.
#![expect(clippy::panic, reason = "a mistake in a test ends the test")]

mod age;
mod clock;
mod golden;
mod identity;
mod issuer;
mod manifest;
mod matrix;

pub use clock::Clock;
pub use identity::{IdentityBuilder, identity};
pub use issuer::{TestIssuer, TokenBuilder};
pub use manifest::{Routed, assert_lock, assert_manifest};
pub use matrix::{DenialMatrix, Endpoint, Findings, Payload};

#[doc(inline)]
pub use crate::denial_matrix;
