//! One list of cases on every web framework, so that none of them drifts.
//!
//! [`cases`] says what is asked and what has to come of it; [`suite`] asks. Each framework has one
//! file: the same handlers in its own terms, and an adapter that sends a call and reads the answer.
//! Absent on purpose: what is one framework's own, such as its layers and its ways to mount. That is
//! tested where it lives.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unreachable,
    reason = "a test that finds something else than it expects has failed"
)]

mod actix;
mod axum;
mod body;
mod cases;
mod party;
mod recorded;
#[path = "../support/sender.rs"]
mod sender;
mod suite;
mod tonic;
mod tower;

use authz_tests::policy;
