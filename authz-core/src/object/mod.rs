//! Checks on the object: whose it is, before anybody sees it (OWASP API1:2023).
//!
//! A [`Sealed`] value shows nothing until [`Sealed::open`] has compared its owner and its tenant with
//! the identity of a guard. Absent on purpose: a way in without a guard, and one with the guard of a
//! function that does not declare `object = …`.

mod hidden;
mod id;
mod resource;
mod sealed;

pub use hidden::Hidden;
pub use id::Id;
pub use resource::{ChecksObjects, Claimant, Resource};
pub use sealed::{Content, Sealed};
