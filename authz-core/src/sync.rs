//! What threads share, under the names by which the code that races uses it.
//!
//! `tests/models` reads the files that take their names from here into itself, where the same names
//! are those of a model that tries every order in which threads may meet. Such a file names nothing
//! else of this crate.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

#[cfg(feature = "remote")]
pub(crate) use std::sync::{Arc, atomic::AtomicU8};

#[cfg(feature = "remote")]
pub(crate) use arc_swap::ArcSwap;
#[cfg(feature = "remote")]
pub(crate) use tokio::sync::{Notify, watch};
