//! `authz.lock`: the manifest as a reviewer reads it in a change.

#[cfg(feature = "read")]
mod read;
mod write;

#[cfg(feature = "read")]
pub use read::{LockError, MAX_SIZE, parse, read};
pub use write::LOCK_FORMAT;
