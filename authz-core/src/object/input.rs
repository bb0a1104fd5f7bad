//! What is taken in: a value whose fields are not all for everybody to set.
//!
//! INVARIANT: the value is reachable in `Input::accept` alone, and is handed out there only if no field
//! came that the identity may not set.

use std::fmt;

use serde::{Deserialize, Deserializer};

use super::mask::{Mask, WriteMask};
use crate::audit::{self, Place};
use crate::denied::Denied;
use crate::guard::{Guard, Guarded};
use crate::requirement::Missing;

/// A value that came in and was not looked at: some of its fields only some may set.
///
/// A type with `#[resource(write(…))]` on a field does not implement `Deserialize` itself, and does not
/// compile with it. What a handler takes is an `Input` of it, and [`accept`](Self::accept) gives the
/// value, if every field that came is one that the caller may set.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Manager }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use authz_core::object::Input;
/// use authz_core::{Denied, Guard, Resource, requires};
///
/// #[derive(Resource)]
/// struct Change {
///     quantity: u32,
///     #[resource(write(role = "manager"))]
///     discount: Option<u8>,
/// }
///
/// #[requires(scope = "write:orders")]
/// fn change(guard: Guard<change>, input: Input<Change>) -> Result<Option<u8>, Denied> {
///     let change = input.accept(&guard)?;
///     Ok(change.discount)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "testing")]
/// # {
/// use authz_core::testing::identity;
///
/// let clerk: policy::Identity = identity().scope("write:orders").build();
/// let manager: policy::Identity = identity().scope("write:orders").role("manager").build();
/// let input = |json| serde_json::from_str(json);
/// assert_eq!(change(clerk.authorize()?, input(r#"{"quantity":2}"#)?)?, None);
/// let discount = r#"{"quantity":2,"discount":50}"#;
/// assert_eq!(change(manager.authorize()?, input(discount)?)?, Some(50));
/// let denied = change(clerk.authorize()?, input(discount)?).unwrap_err();
/// assert_eq!(denied.detail().to_string(), "lacking role = \"manager\" to set `discount`");
/// # }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is known of an input before `accept`"]
pub struct Input<T> {
    value: T,
    written: Mask,
}

impl<T: WriteMask> Input<T> {
    /// The value, if the identity of the guard may set every field that came.
    ///
    /// A field that did not come is as serde is told: `#[serde(default)]`, or `None`. One that came is
    /// refused whatever it holds: whether it would change anything is not known here.
    ///
    /// # Errors
    ///
    /// [`Denied`] with what is lacking and the names of the fields. It is logged as a denial of the
    /// function whose guard this is.
    pub fn accept<F: Guarded<Policy = T::Policy>>(self, guard: &Guard<F>) -> Result<T, Denied> {
        let refused = self.written.without(T::writable(guard));
        if refused.is_empty() {
            return Ok(self.value);
        }
        Err(refuse::<T, F>(guard, refused))
    }
}

#[cold]
fn refuse<T: WriteMask, F: Guarded<Policy = T::Policy>>(guard: &Guard<F>, refused: Mask) -> Denied {
    let fields = (0..).zip(T::RESOURCE.fields()).filter(|(place, _)| refused.has(*place));
    let missing = fields.filter_map(|(_, field)| {
        let missing = field.write()?.missing_for(guard.identity());
        Some(Missing { fields: vec![field.name()], ..missing })
    });
    let denied = Denied::lacking(missing.fold(Missing::default(), Missing::and));
    audit::denied::<F>(guard.identity(), &denied, Place::nowhere);
    denied
}

/// Shows that there is something, and nothing of it.
impl<T> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Input")
    }
}

impl<'de, T: WriteMask> Deserialize<'de> for Input<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::read(from).map(|(value, written)| Self { value, written })
    }
}

/// A field that may have come.
#[doc(hidden)]
#[derive(Debug)]
pub struct Given<T>(Option<T>);

impl<T> Given<T> {
    #[inline]
    pub const fn new(value: T) -> Self {
        Self(Some(value))
    }

    #[inline]
    pub const fn came(&self) -> bool {
        self.0.is_some()
    }

    #[inline]
    pub fn or_else(self, absent: impl FnOnce() -> T) -> T {
        self.0.unwrap_or_else(absent)
    }
}

/// Did not come.
impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// `null` has come as well.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::new)
    }
}
