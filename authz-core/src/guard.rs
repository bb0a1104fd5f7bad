//! The proof that a check passed.
//!
//! INVARIANT: `Guard::new` is private here, and called in `Identity::into_guard_at` alone, after
//! `F::permits`.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::audit::{self, Place};
use crate::denied::Denied;
use crate::identity::Identity;
use crate::policy::Policy;
use crate::registry::Function;
use crate::requirement::Named;
use crate::seal::Maker;

/// A function with a requirement. Implemented by the attributes for a type of the function's own
/// name, so that `Guard<refund>` reads as what it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a guarded function",
    label = "no `#[requires(...)]` or `#[manual(...)]` makes a guard for this",
    note = "a guard is named after the function it guards: `Guard<refund>` for `fn refund`"
)]
pub trait Guarded: Sized + Send + Sync + 'static {
    /// The policy under which the function is guarded.
    type Policy: Policy;

    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// The record of the function.
    #[doc(hidden)]
    const FUNCTION: &'static Function;

    /// Whether the function that takes its proof has the path of this type, as what attributes print has.
    #[doc(hidden)]
    const NAMES_ITS_FUNCTION: bool = true;

    /// The compiled check.
    #[doc(hidden)]
    fn permits(identity: &Identity<Self::Policy>) -> bool;

    /// The rule whose denials are logged and not made.
    #[doc(hidden)]
    const SHADOW: Option<Shadow<Self::Policy>> = None;
}

/// A rule beside the requirement of a function. INVARIANT: nothing is denied by it.
#[doc(hidden)]
pub struct Shadow<P: Policy> {
    pub(crate) rule: &'static Named,
    pub(crate) permits: fn(&Identity<P>) -> bool,
}

impl<P: Policy> Shadow<P> {
    #[must_use]
    pub const fn new(_: Maker, rule: &'static Named, permits: fn(&Identity<P>) -> bool) -> Self {
        Self { rule, permits }
    }
}

impl<P: Policy> fmt::Debug for Shadow<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shadow({})", self.rule.name())
    }
}

/// Proof that an identity may call the function `F`; dereferences to the identity.
///
/// Nothing but [`Identity::authorize`] makes one, and the web extractors that call it. A function
/// that takes `Guard<its own name>` can't be called without the check.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use authz_core::{Denied, Guard, requires};
///
/// #[requires(scope = "write:orders")]
/// fn cancel(guard: Guard<cancel>, order: u32) -> String {
///     format!("{} cancelled {order}", guard.subject())
/// }
///
/// fn cancel_for(identity: &policy::Identity) -> Result<String, Denied> {
///     let guard = identity.authorize::<cancel>()?;
///     Ok(cancel(guard, 7))
/// }
/// # fn main() {}
/// ```
#[must_use = "a guard is proof for the function it names: pass it on"]
pub struct Guard<F: Guarded> {
    identity: Identity<F::Policy>,
    function: PhantomData<fn() -> F>,
}

impl<F: Guarded> Guard<F> {
    #[inline]
    fn new(identity: Identity<F::Policy>) -> Self {
        Self { identity, function: PhantomData }
    }

    /// The identity that was checked.
    #[must_use]
    pub fn identity(&self) -> &Identity<F::Policy> {
        &self.identity
    }

    /// The identity that was checked, without the proof.
    #[must_use]
    pub fn into_identity(self) -> Identity<F::Policy> {
        self.identity
    }
}

impl<P: Policy> Identity<P> {
    /// As [`authorize`](Self::authorize), giving this handle to the guard.
    #[inline]
    pub(crate) fn into_guard<F: Guarded<Policy = P>>(self) -> Result<Guard<F>, Denied> {
        self.into_guard_at(Place::nowhere)
    }

    /// As [`into_guard`](Self::into_guard), in a place that is asked for if it is to be recorded.
    #[inline]
    pub(crate) fn into_guard_at<F: Guarded<Policy = P>>(
        self,
        place: impl FnOnce() -> Place,
    ) -> Result<Guard<F>, Denied> {
        if self.has_ended_untaken() {
            return Err(refuse_ended::<F>(place));
        }
        if F::permits(&self) {
            audit::granted::<F>(&self, place);
            Ok(Guard::new(self))
        } else {
            Err(refuse::<F>(&self, place))
        }
    }
}

#[cold]
fn refuse<F: Guarded>(identity: &Identity<F::Policy>, place: impl FnOnce() -> Place) -> Denied {
    let denied = Denied::lacking(F::FUNCTION.requirement.missing_for(identity));
    audit::denied::<F>(identity, &denied, place);
    denied
}

/// Somebody whose credentials have ended is nobody.
#[cold]
fn refuse_ended<F: Guarded>(place: impl FnOnce() -> Place) -> Denied {
    let denied = Denied::ended();
    audit::unknown::<F>(None, &denied, place);
    denied
}

impl<F: Guarded> Deref for Guard<F> {
    type Target = Identity<F::Policy>;

    fn deref(&self) -> &Self::Target {
        &self.identity
    }
}

impl<F: Guarded> fmt::Debug for Guard<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("function", &F::FUNCTION.id())
            .field("identity", &self.identity)
            .finish()
    }
}

/// A public function. Implemented by `#[public]` for a type of the function's own name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a public function",
    label = "no `#[public(reason = \"...\")]` makes an `Open` for this"
)]
pub trait OpenToAll: Sized + Send + Sync + 'static {
    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// Whether the function that takes its proof has the path of this type, as what attributes print has.
    #[doc(hidden)]
    const NAMES_ITS_FUNCTION: bool = true;

    /// The policy of the service the function belongs to.
    type Policy: Policy;

    /// The record of the function.
    #[doc(hidden)]
    const FUNCTION: &'static Function;
}

/// What `#[public]` puts in front of an async function, so that a router can tell it from one
/// that says nothing. It proves nothing and anybody can make one.
pub struct Open<F: OpenToAll> {
    function: PhantomData<fn() -> F>,
}

impl<F: OpenToAll> Open<F> {
    /// Makes the argument that a public function takes.
    #[must_use]
    pub fn new() -> Self {
        Self { function: PhantomData }
    }
}

impl<F: OpenToAll> Default for Open<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: OpenToAll> fmt::Debug for Open<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Open({})", F::FUNCTION.id())
    }
}
