//! What `cargo authz` is made of: it reads what a built program lets whom do, out of the program's
//! file, and says what a change does to it.
//!
//! A program is found and read ([`program`], [`section`], [`record`]), or a lock is ([`lock`]).
//! Both are a [`Manifest`](authz_manifest::Manifest). Requirements are compared by the
//! identities that pass ([`meaning`]), and so are manifests ([`drift`]). What a program decided is read from
//! its log ([`decisions`]), and decided again.

pub mod cli;
pub mod command;
pub mod decisions;
pub mod drift;
pub mod failure;
mod fields;
pub mod identity;
pub mod lint;
pub mod lock;
pub mod meaning;
pub mod openapi;
pub mod output;
pub mod program;
pub mod report;
mod scopes;
pub mod text;

pub use authz_manifest::{record, section, words};
