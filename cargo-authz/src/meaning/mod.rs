//! What requirements mean: whom they let pass, exactly, over the closed vocabulary.
//!
//! Requirements are compared by the identities that pass, never by their text. The procedure is
//! exact: decision diagrams over what a token may say (`space`). Absent on purpose: how an issuer
//! hands out scopes. Any scope may come with any role here, since that is configured where the
//! verifier is.

mod compare;
mod diagram;
mod leaves;
mod minimal;
mod space;
mod sway;
mod vocabulary;
mod why;

pub use compare::{Comparison, Verdict, compare};
pub use diagram::TooComplex;
pub use leaves::{Leaf, leaves};
pub use minimal::{MAX_LISTED, Passing, minimal, witness};
pub use space::Side;
pub use sway::{beside_role, passes_with, role_opens};
pub use vocabulary::Vocabulary;
pub use why::{Edit, why};
