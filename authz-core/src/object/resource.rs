//! Whose an object is, and which functions ask.

use super::Id;
use crate::guard::Guarded;
use crate::identity::Identity;
use crate::policy::Policy;
use crate::registry::Object;

/// An object that belongs to somebody; implemented by `#[derive(Resource)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whose it is",
    label = "expected a type with `#[derive(Resource)]`",
    note = "write `#[derive(authz_core::Resource)]` and `#[resource(owner = \"...\")]` with the field that \
            names the owner"
)]
pub trait Resource {
    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// `crate::module::Order`, for the log.
    #[doc(hidden)]
    const NAME: &'static str;

    /// Whether it belongs to the subject.
    #[doc(hidden)]
    fn belongs_to(&self, claimant: &Claimant<'_>) -> bool;

    /// Whether it is of the subject's tenant; so is what has no tenant.
    #[doc(hidden)]
    fn is_of_tenant(&self, claimant: &Claimant<'_>) -> bool;
}

/// A guarded function that opens objects: one with `object = owner` or `object = any`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say that it opens objects",
    label = "the guard of `{Self}` opens nothing",
    note = "write `#[requires(..., object = owner)]` on `fn {Self}`, or `object = any` where each of its \
            callers sees the objects of everybody"
)]
pub trait ChecksObjects: Guarded {
    /// Can't be written without `__private`.
    #[doc(hidden)]
    const SEAL: crate::seal::Seal;

    /// Whose objects.
    #[doc(hidden)]
    const OBJECT: Object;

    /// Whether the identity sees the objects of any owner.
    #[doc(hidden)]
    fn sees_any_owner(identity: &Identity<Self::Policy>) -> bool;
}

/// What of an identity is compared with objects.
///
/// INVARIANT: made of a guard's identity alone, in `Sealed::open`.
#[derive(Clone, Copy, Debug)]
pub struct Claimant<'a> {
    issuer: &'a str,
    subject: &'a str,
    tenant: Option<&'a str>,
    home: bool,
}

impl<'a> Claimant<'a> {
    pub(super) fn new<P: Policy>(identity: &'a Identity<P>) -> Self {
        Self {
            issuer: identity.issuer(),
            subject: identity.subject(),
            tenant: identity.tenant(),
            home: identity.taken().at_home(),
        }
    }
}

/// What `#[derive(Resource)]` asks. Nobody and nothing is without a name: an empty one is none.
impl Claimant<'_> {
    /// Whether this is the owner, where the object does not name the issuer.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub fn is_owner(&self, owner: &(impl Id + ?Sized)) -> bool {
        self.home && self.is_subject(owner)
    }

    /// Whether this is the owner, where the object names the issuer too.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub fn is_owner_at(&self, issuer: &(impl Id + ?Sized), owner: &(impl Id + ?Sized)) -> bool {
        !self.issuer.is_empty() && issuer.is(self.issuer) && self.is_subject(owner)
    }

    /// Whether this acts for the tenant.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub fn acts_for(&self, tenant: &(impl Id + ?Sized)) -> bool {
        self.tenant.is_some_and(|name| !name.is_empty() && tenant.is(name))
    }

    #[inline]
    fn is_subject(&self, owner: &(impl Id + ?Sized)) -> bool {
        !self.subject.is_empty() && owner.is(self.subject)
    }
}
