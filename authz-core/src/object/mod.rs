//! Checks on the object: whose it is, before anybody sees it (OWASP API1:2023).
//!
//! A [`Sealed`] value shows nothing until [`Sealed::open`] has compared its owner and its tenant with
//! the identity of a guard. Absent on purpose: a way in without a guard, and one with the guard of a
//! function that does not declare `object = …`.
//!
//! And on its fields (OWASP API3:2023): a [`Masked`] value shows only those that the identity may see,
//! and an [`Input`] gives its value only if none came that the identity may not set.

mod hidden;
mod id;
mod input;
mod mask;
mod masked;
mod resource;
mod sealed;

pub use hidden::Hidden;
pub use id::Id;
#[doc(hidden)]
pub use input::Given;
pub use input::Input;
#[doc(hidden)]
pub use mask::Mask;
pub use mask::{ReadMask, WriteMask};
pub use masked::{Masked, Shown};
pub use resource::{ChecksObjects, Claimant, Resource};
pub use sealed::{Content, Sealed};
