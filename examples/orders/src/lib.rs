//! The order service without its start: the policy, the handlers and the shop behind them.
//!
//! A library beside the program, so that other programs serve the same handlers to the tokens of
//! another issuer.

pub mod answer;
pub mod cli;
pub mod policy;
#[cfg(feature = "axum")]
pub mod service;
pub mod shop;
pub mod token;
