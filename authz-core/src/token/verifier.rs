//! The verifier.
use crate::policy::Policy;
use std::marker::PhantomData;

/// Verifies tokens under the policy `P`.
pub struct Verifier<P: Policy>(PhantomData<fn() -> P>);
