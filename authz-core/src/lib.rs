//! Declarative access control: checked by the compiler, enforced on verified identities.
//!
//! 1. A [`policy!`] names who there is and what may be asked for: [`derive(Roles)`](derive@Roles)
//!    and [`derive(Scopes)`](derive@Scopes) make its vocabularies.
//! 2. [`requires`], [`public`] and [`manual`] say next to each function who may call it.
//! 3. A [`token::Verifier`] makes an [`Identity`] of a bearer token, and
//!    [`Identity::authorize`] makes a [`Guard`] of an identity, or a [`Denied`].
//! 4. An object from the database is [`Sealed`] until its owner was compared with the guard's identity:
//!    [`derive(Resource)`](derive@Resource) and `object = owner`.
//! 5. With the features `axum`, `actix` and `tonic`, a router or an app takes annotated handlers or
//!    services only and can't be served without a verifier.
//! 6. [`manifest()`] tells what every guarded function of the program asks for.
//! 7. [`audit`] records who was let in and who was not, for whoever answers for it.
//!
//! What does not compile, and what the compiler says of it: [`guide::mistakes`].
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `actix` | apps and extractors for actix-web 4 |
//! | `axum` | routers and extractors for axum 0.8 |
//! | `limit` | a limit of failures for each source of requests |
//! | `metrics` | counts of decisions, verifications, refreshes and revocations, through the crate `metrics` |
//! | `redis` | revocations that several nodes share, through Redis; needs tokio |
//! | `remote` | keys that the issuer publishes, over an HTTP client of your own; needs tokio |
//! | `reqwest` | `remote`, with an HTTP client: reqwest and rustls |
//! | `testing` | identities, a clock and an issuer for tests, and the denial matrix |
//! | `tonic` | routes and statuses for gRPC services of tonic 0.14 |
//! | `tower` | a layer for any service that answers HTTP requests |
//! | `utoipa` | the security of an OpenAPI document, out of the manifest |
//!
//! Nothing is on by default; a feature adds API and never weakens a check.

// Generated code names this crate `::authz_core`, here as everywhere else.
#[allow(unused_extern_crates, reason = "only expansions name it")]
extern crate self as authz_core;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(any(feature = "actix", feature = "axum"))]
mod access;
#[cfg(feature = "actix")]
pub mod actix;
pub mod audit;
mod authenticator;
#[cfg(feature = "axum")]
pub mod axum;
mod clock;
pub mod danger;
mod denied;
#[cfg(any(feature = "actix", feature = "axum", feature = "tonic"))]
mod endpoint;
#[cfg(test)]
mod fixture;
mod guard;
pub mod guide;
#[cfg(any(feature = "actix", feature = "axum"))]
mod handler;
pub mod http;
mod identity;
mod judgement;
pub mod manifest;
mod message;
mod metrics;
pub mod object;
#[cfg(feature = "utoipa")]
pub mod openapi;
mod policy;
pub mod registry;
mod requirement;
mod rule;
mod seal;
mod spans;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
#[cfg(feature = "tonic")]
pub mod tonic;
#[cfg(feature = "tower")]
pub mod tower;
pub mod vocabulary;

pub use authenticator::{Authentication, Authenticator, Refusal};
#[doc = include_str!("docs/resource.md")]
pub use authz_macros::Resource;
#[doc = include_str!("docs/roles.md")]
pub use authz_macros::Roles;
#[doc = include_str!("docs/scopes.md")]
pub use authz_macros::Scopes;
#[doc = include_str!("docs/manual.md")]
pub use authz_macros::manual;
#[doc = include_str!("docs/public.md")]
pub use authz_macros::public;
#[doc = include_str!("docs/requires.md")]
pub use authz_macros::requires;
pub use denied::Denied;
pub use guard::{Guard, Guarded, Open, OpenToAll};
pub use identity::Identity;
pub use manifest::manifest;
pub use object::{Resource, Sealed};
pub use policy::Policy;
pub use requirement::{Missing, Name, Named, Requirement};
pub use rule::Rule;
pub use vocabulary::{Roles, Scopes, Vocabulary};
