//! What is shown: a resource without the fields that are for others.
//!
//! INVARIANT: a field with `read(…)` leaves a `Masked` only through `ReadMask::seen`, with the mask that
//! was computed of a verified identity.

use std::fmt;

use serde::{Serialize, Serializer};

use super::mask::{Mask, ReadMask};
use crate::identity::Identity;
use crate::policy::Policy;

/// A value as an identity may see it: serialized, it has no field that is for others.
///
/// A type with `#[resource(read(…))]` on a field does not implement `Serialize` itself, and does not
/// compile with it, so that no answer forgets its mask. Put a `Masked` where it is serialized: in
/// `axum::Json`, in an actix or Rocket body, in a struct of your own.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Manager }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("read:orders")] ReadOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use authz_core::object::Masked;
/// use authz_core::{Guard, Resource, requires};
///
/// #[derive(Resource)]
/// #[resource(owner = "customer")]
/// #[serde(rename_all = "camelCase")]
/// struct Order {
///     customer: String,
///     #[resource(read(role = "manager"))]
///     unit_cost: u32,
/// }
///
/// #[requires(scope = "read:orders")]
/// fn show(guard: Guard<show>) -> Masked<Order> {
///     Masked::new(Order { customer: "ann".to_owned(), unit_cost: 12 }, &guard)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "testing")]
/// # {
/// use authz_core::testing::identity;
///
/// let clerk: policy::Identity = identity().scope("read:orders").build();
/// let manager: policy::Identity = identity().scope("read:orders").role("manager").build();
/// let shown = |who: &policy::Identity| serde_json::to_string(&show(who.authorize()?)).map_err(Box::from);
/// assert_eq!(shown(&clerk)?, r#"{"customer":"ann"}"#);
/// assert_eq!(shown(&manager)?, r#"{"customer":"ann","unitCost":12}"#);
/// # fn boxed(result: Result<String, Box<dyn std::error::Error>>) {}
/// # boxed(shown(&clerk));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Masked<C> {
    content: C,
    readable: Mask,
}

impl<C> Masked<C> {
    /// Masks a value for an identity, such as that of a guard: a resource, or an `Option` or a `Vec` of
    /// it.
    #[must_use]
    pub fn new<P: Policy>(content: C, identity: &Identity<P>) -> Self
    where
        C: Shown<Policy = P>,
    {
        Self { content, readable: C::readable(identity) }
    }
}

impl<T: ReadMask> Masked<T> {
    /// The fields as the identity sees them, for what serde does not serialize, such as a message of
    /// gRPC: references, and `None` for a field that is for others.
    #[must_use]
    pub fn seen(&self) -> T::Seen<'_> {
        self.content.seen(self.readable)
    }
}

impl<T: ReadMask> Masked<Vec<T>> {
    /// As [`seen`](Masked::seen), for each of them.
    #[must_use]
    pub fn seen_each(&self) -> impl ExactSizeIterator<Item = T::Seen<'_>> {
        self.content.iter().map(|value| value.seen(self.readable))
    }
}

/// Shows that there is something, and nothing of it.
impl<C> fmt::Debug for Masked<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masked")
    }
}

impl<C: Shown> Serialize for Masked<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.content.serialize_seen(self.readable, serializer)
    }
}

/// What a [`Masked`] can hold: a resource with `#[resource(read(…))]` on a field, an `Option` of one, a
/// `Vec` of them.
#[diagnostic::on_unimplemented(
    message = "no field of `{Self}` says who may read it",
    label = "expected a type with `#[derive(Resource)]` and `#[resource(read(...))]` on a field, or an \
             `Option` or `Vec` of it",
    note = "what everybody may read is serialized as it is, with `#[derive(serde::Serialize)]`"
)]
pub trait Shown {
    /// The policy whose names the fields ask for.
    type Policy: Policy;

    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    #[doc(hidden)]
    fn readable(identity: &Identity<Self::Policy>) -> Mask;

    #[doc(hidden)]
    fn serialize_seen<S: Serializer>(&self, readable: Mask, to: S) -> Result<S::Ok, S::Error>;
}

macro_rules! shown {
    ($(<$resource:ident> $content:ty => |$value:ident, $readable:ident, $to:ident| $code:expr;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$resource: ReadMask> Shown for $content {
            type Policy = $resource::Policy;
            const SEAL: crate::seal::Seal = crate::seal::Seal::GENERATED;

            #[inline]
            fn readable(identity: &Identity<Self::Policy>) -> Mask {
                $resource::readable(identity)
            }

            #[inline]
            fn serialize_seen<S: Serializer>(
                &self,
                $readable: Mask,
                $to: S,
            ) -> Result<S::Ok, S::Error> {
                let $value = self;
                $code
            }
        })*
    };
}

shown! {
    <T> T => |value, readable, to| value.seen(readable).serialize(to);
    <T> Option<T> => |value, readable, to| value.as_ref().map(|it| it.seen(readable)).serialize(to);
    <T> Vec<T> => |value, readable, to| to.collect_seq(value.iter().map(|it| it.seen(readable)));
}
