//! The rules of token verification, each with what it accepts and what it refuses.

mod claims;
mod configuration;
mod keys;
mod providers;
mod signatures;
mod support;
