//! The order service over gRPC, without its start.

mod objects;
pub mod proto;
pub mod service;

// The attributes look for the policy of a crate here.
use orders::policy;
