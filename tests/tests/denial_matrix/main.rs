//! The denial matrix finds whatever is wrong with a service: an annotation that is another than was
//! reviewed, a check that is another than the annotation, and an answer that is another than promised.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something else than it expects has failed"
)]

mod actix;
mod annotations;
mod app;
mod mutants;
mod mutations;
mod policy;
mod service;
mod tonic;
mod world;
