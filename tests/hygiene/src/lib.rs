//! Guarded functions in surroundings that give generated code nothing to lean on: no prelude, no
//! `authz_core` by that name, unsafe code forbidden, every lint an error.
//!
//! Nothing here is run. That it builds, under `clippy` too, is the test.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_copy_implementations,
    missing_debug_implementations,
    single_use_lifetimes,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    clippy::as_conversions,
    clippy::exhaustive_enums,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![deny(future_incompatible, nonstandard_style, rust_2018_idioms)]

pub mod attributes;
pub mod blocks;
pub mod foreign;
pub mod handlers;
pub mod macros;
pub mod methods;
pub mod names;
pub mod policy;
pub mod signatures;
