//! A denial over HTTP, and credentials from HTTP: what all web frameworks share.
//!
//! INVARIANT: nothing here reads the inward face of a denial. Two tokens that are refused for
//! different reasons get the same bytes.
//!
//! Absent on purpose: access tokens from the query or the body (RFC 6750 sections 2.2 and 2.3;
//! RFC 9700 tells to avoid them), and roles in challenges: a scope can be asked for at the
//! authorization server, a role is the policy's own business.

mod challenge;
mod credentials;
mod problem;

pub use problem::{PROBLEM_JSON, Problem};
