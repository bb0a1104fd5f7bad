//! Guards on frameworks that `authz-core` has no module for, by its public API alone.
//!
//! The pages `guide::poem` and `guide::rocket` of the manual show what stands here, and a test
//! compares.

pub mod poem;
pub mod policy;
pub mod rocket;

#[cfg(test)]
mod tests;
