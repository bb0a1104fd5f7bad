//! The rules of token verification, each with what it accepts and what it refuses.
#![expect(clippy::string_slice, reason = "a test may fail loudly")]

mod bound;
mod cache;
mod claims;
mod configuration;
mod keys;
mod logout;
mod providers;
mod signatures;
pub(crate) mod support;
