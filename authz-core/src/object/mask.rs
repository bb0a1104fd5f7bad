//! Which fields of a resource are for whom (OWASP API3:2023), as `#[derive(Resource)]` compiles it.
//!
//! Absent on purpose: names at run time. A mask is bits, one for each field that is not for everybody.

use serde::{Deserializer, Serialize};

use crate::identity::Identity;
use crate::policy::Policy;
use crate::registry::Resource;

/// A resource with fields that only some may see: `#[resource(read(…))]`.
#[diagnostic::on_unimplemented(
    message = "no field of `{Self}` says who may read it",
    label = "expected a type with `#[derive(Resource)]` and `#[resource(read(...))]` on a field, or an \
             `Option` or `Vec` of it",
    note = "what everybody may read is serialized as it is, with `#[derive(serde::Serialize)]`"
)]
pub trait ReadMask {
    /// The policy whose names its fields ask for.
    type Policy: Policy;

    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// The resource as somebody sees it: references to its fields, those that only some may see in an
    /// `Option`. Serialized as serde is told at the struct.
    type Seen<'a>: Serialize
    where
        Self: 'a;

    /// The compiled mask.
    #[doc(hidden)]
    fn readable(identity: &Identity<Self::Policy>) -> Mask;

    #[doc(hidden)]
    fn seen(&self, readable: Mask) -> Self::Seen<'_>;
}

/// A resource with fields that only some may set: `#[resource(write(…))]`.
#[diagnostic::on_unimplemented(
    message = "no field of `{Self}` says who may set it",
    label = "expected a type with `#[derive(Resource)]` and `#[resource(write(...))]` on a field",
    note = "what everybody may set is read as it is, with `#[derive(serde::Deserialize)]`"
)]
pub trait WriteMask: Sized {
    /// The policy whose names its fields ask for.
    type Policy: Policy;

    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// The record of the resource.
    #[doc(hidden)]
    const RESOURCE: &'static Resource;

    /// The compiled mask.
    #[doc(hidden)]
    fn writable(identity: &Identity<Self::Policy>) -> Mask;

    /// The value, with defaults for what did not come; and which of the fields that only some may set did.
    #[doc(hidden)]
    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<(Self, Mask), D::Error>;
}

/// Fields of a resource, by their place in its record.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask(u64);

impl Mask {
    /// No field.
    pub const NONE: Self = Self(0);

    /// With the field at this place, if it is so. `derive` makes no place beyond 63.
    #[inline]
    #[must_use]
    pub const fn with(self, place: u32, is_so: bool) -> Self {
        Self(self.0 | ((is_so as u64) << place))
    }

    /// Whether the field at this place is in it.
    #[inline]
    #[must_use]
    pub const fn has(self, place: u32) -> bool {
        self.0 >> place & 1 == 1
    }

    /// The fields that are not in the other one.
    #[inline]
    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    #[inline]
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn a_mask_has_the_fields_that_were_put_in_and_no_other() {
        let mask = Mask::NONE.with(0, true).with(1, false).with(63, true);
        let places: Vec<u32> = (0..64).filter(|place| mask.has(*place)).collect();
        assert_eq!(places, [0, 63]);
        assert_eq!(mask.without(Mask::NONE.with(0, true)), Mask::NONE.with(63, true));
        assert!(mask.without(mask).is_empty() && !mask.is_empty());
    }
}
