//! The rules of token verification, each with what it accepts and what it refuses.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

mod claims;
mod configuration;
mod keys;
mod providers;
mod signatures;
mod support;
