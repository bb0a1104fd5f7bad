//! The order service on actix-web, without its start.

pub mod service;

// The attributes look for the policy of a crate here.
use orders::policy;
