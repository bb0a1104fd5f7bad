//! Pages about more than one item of this crate.

#[doc = include_str!("docs/mistakes.md")]
pub mod mistakes {}

#[doc = include_str!("docs/sender_bound.md")]
pub mod sender_bound {}

#[cfg(all(feature = "axum", feature = "testing"))]
#[doc = include_str!("docs/testing.md")]
pub mod testing {}
