//! What the first argument of a handler says about the handler, on every web framework.
//!
//! Absent on purpose: anything that a framework would have to be known for.

use crate::guard::{Guard, Guarded, Open, OpenToAll};
use crate::handler;
use crate::policy::Policy;
use crate::registry::{self, Function};

/// The first argument of a protected handler: what it says about the handler.
pub trait Access: Sized {
    type Policy: Policy;

    /// The type that stands for the function.
    type Marker;

    const FUNCTION: &'static Function;
    const NAMES_ITS_FUNCTION: bool;
}

/// Returns the record of the handler `H`, whose first argument is `A`.
///
/// # Panics
///
/// If the handler is not the function that its proof stands for, or the id of the function names another
/// one as well: what a router lists and what the manifest says would not be of one function.
#[track_caller]
pub(crate) fn function_of<H, A: Access>() -> &'static Function {
    if A::NAMES_ITS_FUNCTION {
        handler::require_own::<H, A::Marker>(A::FUNCTION);
    }
    registry::require_unambiguous(A::FUNCTION);
    A::FUNCTION
}

impl<R: Guarded> Access for Guard<R> {
    type Policy = R::Policy;
    type Marker = R;
    const FUNCTION: &'static Function = R::FUNCTION;
    const NAMES_ITS_FUNCTION: bool = R::NAMES_ITS_FUNCTION;
}

impl<R: OpenToAll> Access for Open<R> {
    type Policy = R::Policy;
    type Marker = R;
    const FUNCTION: &'static Function = R::FUNCTION;
    const NAMES_ITS_FUNCTION: bool = R::NAMES_ITS_FUNCTION;
}
