//! The seal around what the data layer returns.
//!
//! INVARIANT: the content of a `Sealed` is reachable in `Sealed::open` alone, and is handed out there
//! only where `may_see` says so.

use std::fmt;

use super::hidden::Hidden;
use super::resource::{ChecksObjects, Claimant, Resource};
use crate::audit;
use crate::guard::Guard;

/// A value that nobody sees before it was compared with an identity.
///
/// What reads from a database returns one: `Sealed<Order>`, `Sealed<Option<Order>>` where there may be
/// no such order, `Sealed<Vec<Order>>` for a list. It can't be read, compared, printed or serialized;
/// [`open`](Self::open) compares owner and tenant with the identity of a guard and gives what is that
/// identity's.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Auditor }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("read:orders")] ReadOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use authz_core::object::{Hidden, Sealed};
/// use authz_core::{Guard, Resource, requires};
///
/// #[derive(Resource)]
/// #[resource(owner = "customer")]
/// struct Order {
///     customer: String,
///     item: String,
/// }
///
/// fn find(id: u64) -> Sealed<Option<Order>> {
///     let order = Order { customer: "ann".to_owned(), item: "ink".to_owned() };
///     Sealed::new((id == 1).then_some(order))
/// }
///
/// #[requires(scope = "read:orders", object = owner, any_owner(role = "auditor"))]
/// fn show(guard: Guard<show>, id: u64) -> Result<String, Hidden> {
///     let order = find(id).open(&guard)?;
///     Ok(order.item)
/// }
///
/// # fn main() -> Result<(), authz_core::Denied> {
/// # #[cfg(feature = "testing")]
/// # {
/// use authz_core::testing::identity;
///
/// let ann: policy::Identity = identity().subject("ann").scope("read:orders").build();
/// let bob: policy::Identity = identity().subject("bob").scope("read:orders").build();
/// let eve: policy::Identity = identity().role("auditor").scope("read:orders").build();
/// assert_eq!(show(ann.authorize()?, 1).unwrap(), "ink");
/// assert_eq!(show(eve.authorize()?, 1).unwrap(), "ink");
/// // Another's order is like one that is not there.
/// assert_eq!(show(bob.authorize()?, 1), show(bob.authorize()?, 2));
/// assert!(show(bob.authorize()?, 1).is_err());
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nobody sees what is sealed before `open`"]
pub struct Sealed<C> {
    content: C,
}

impl<C> Sealed<C> {
    /// Seals a value.
    pub const fn new(content: C) -> Self {
        Self { content }
    }

    /// What the identity of the guard may see of it: an object, or [`Hidden`]; of a list, the objects
    /// that it may see.
    ///
    /// The identity may see an object that it owns, and any object where it meets the `any_owner(...)` of
    /// the function, or the function says `object = any`; in either case only an object of its own tenant, where the object has
    /// one. What is hidden is told to the log.
    pub fn open<F: ChecksObjects>(self, guard: &Guard<F>) -> C::Opened
    where
        C: Content,
    {
        self.content.opened(guard)
    }
}

impl<C> From<C> for Sealed<C> {
    fn from(content: C) -> Self {
        Self::new(content)
    }
}

/// Shows that there is something, and nothing of it.
impl<C> fmt::Debug for Sealed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

/// What a [`Sealed`] can hold and open: an object with `#[derive(Resource)]`, an `Option` of one, a
/// `Vec` of them.
#[diagnostic::on_unimplemented(
    message = "a sealed `{Self}` can't be opened",
    label = "expected a `Sealed` of a type with `#[derive(Resource)]`, or of an `Option` or `Vec` of it",
    note = "write `#[derive(authz_core::Resource)]` on it and `#[resource(owner = \"...\")]` with the field \
            that names the owner"
)]
pub trait Content: closed::Closed + Sized {
    /// What opening gives.
    type Opened;

    #[doc(hidden)]
    fn opened<F: ChecksObjects>(self, guard: &Guard<F>) -> Self::Opened;
}

/// The kinds of content are those of this file: another could give itself away.
mod closed {
    pub trait Closed {}
}

impl<T: Resource> closed::Closed for T {}
impl<T: Resource> closed::Closed for Option<T> {}
impl<T: Resource> closed::Closed for Vec<T> {}

#[diagnostic::do_not_recommend]
impl<T: Resource> Content for T {
    type Opened = Result<T, Hidden>;

    #[inline]
    fn opened<F: ChecksObjects>(self, guard: &Guard<F>) -> Result<T, Hidden> {
        if may_see(&self, guard) {
            return Ok(self);
        }
        audit::hidden::<F>(guard, T::NAME, 1);
        Err(Hidden::new())
    }
}

/// What is not there is answered as what is hidden.
#[diagnostic::do_not_recommend]
impl<T: Resource> Content for Option<T> {
    type Opened = Result<T, Hidden>;

    #[inline]
    fn opened<F: ChecksObjects>(self, guard: &Guard<F>) -> Result<T, Hidden> {
        self.map_or_else(|| Err(Hidden::new()), |object| object.opened(guard))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Resource> Content for Vec<T> {
    type Opened = Self;

    #[inline]
    fn opened<F: ChecksObjects>(mut self, guard: &Guard<F>) -> Self {
        let all = self.len();
        self.retain(|object| may_see(object, guard));
        let hidden = all - self.len();
        if hidden > 0 {
            audit::hidden::<F>(guard, T::NAME, hidden);
        }
        self
    }
}

/// The whole rule: of the identity's tenant, and its own unless the function says who sees any
/// owner's.
#[inline]
fn may_see<T: Resource, F: ChecksObjects>(object: &T, guard: &Guard<F>) -> bool {
    let identity = guard.identity();
    let claimant = Claimant::new(identity);
    object.is_of_tenant(&claimant) && (object.belongs_to(&claimant) || F::sees_any_owner(identity))
}
