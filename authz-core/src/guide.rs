//! Pages about more than one item of this crate.

#[doc = include_str!("docs/mistakes.md")]
pub mod mistakes {}

#[doc = include_str!("docs/sender_bound.md")]
pub mod sender_bound {}

#[doc = include_str!("docs/decisions.md")]
pub mod decisions {}

#[cfg(all(feature = "axum", feature = "testing"))]
#[doc = include_str!("docs/testing.md")]
pub mod testing {}

#[doc = include_str!("docs/poem.md")]
pub mod poem {}

#[doc = include_str!("docs/rocket.md")]
pub mod rocket {}

#[doc = include_str!("docs/salvo.md")]
pub mod salvo {}

#[doc = include_str!("docs/warp.md")]
pub mod warp {}
