//! Expansions as the compiler sees them, and what the attributes make of wrong input.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that finds something else than it expects has failed"
)]

mod expansion;
mod robustness;
