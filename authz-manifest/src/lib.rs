//! The formats that tell who may call what: the manifest, `authz.lock`, and the records in the link
//! section of a built file. Each is written and read here.
//!
//! Programs that are guarded get the model from `authz_core::manifest`; tools that read what a program
//! was built with depend on this crate alone, with the feature `read`. Absent on purpose: the meaning of
//! requirements, which `cargo authz` compares, and enforcement.

mod age;
pub mod decision;
mod digest;
mod ids;
pub mod lock;
mod manifest;
#[cfg(feature = "read")]
pub mod record;
#[cfg(feature = "read")]
pub mod section;
pub mod text;
#[cfg(feature = "read")]
pub mod words;

pub use age::Age;
pub use digest::digest;
pub use ids::SharedId;
pub use lock::LOCK_FORMAT;
pub use manifest::{
    FORMAT, Field, Function, Manifest, Name, Object, Policy, Requirement, Resource,
};
