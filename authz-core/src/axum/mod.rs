//! Guarded routers and extractors for [axum](::axum) 0.8.

mod extract;
mod gate;
mod protected;
mod response;
mod route;
mod router;
pub mod routing;
#[cfg(test)]
mod tests;

pub use gate::Mount;
pub use protected::Protected;
pub use route::{Methods, Route};
pub use router::Router;
