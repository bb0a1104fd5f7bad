//! What `inventory` collects for the running program.
//!
//! INVARIANT: named through `__private` alone, so that a record which no attribute wrote is one that a
//! reviewer finds.

use super::{Function, PolicyRecord, Resource};

/// One submission to `inventory`.
#[derive(Debug)]
pub enum Entry {
    /// A function with an access attribute.
    Function(&'static Function),
    /// A policy.
    Policy(&'static PolicyRecord),
    /// A type with `#[derive(Resource)]`.
    Resource(&'static Resource),
}

inventory::collect!(Entry);
