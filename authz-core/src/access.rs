//! What the first argument of a handler says about the handler, on every web framework.
//!
//! Absent on purpose: anything that a framework would have to be known for.

use crate::guard::{Guard, Guarded, Open, OpenToAll};
use crate::policy::Policy;
use crate::registry::Function;

/// The first argument of a protected handler: what it says about the handler.
pub trait Access: Sized {
    type Policy: Policy;

    const FUNCTION: &'static Function;
}

impl<R: Guarded> Access for Guard<R> {
    type Policy = R::Policy;
    const FUNCTION: &'static Function = R::FUNCTION;
}

impl<R: OpenToAll> Access for Open<R> {
    type Policy = R::Policy;
    const FUNCTION: &'static Function = R::FUNCTION;
}
