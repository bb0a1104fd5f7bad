//! The only path that generated code names beside the public items. Not public API: the macro
//! crate is pinned to this one's version.

use std::marker::PhantomData;

pub use inventory;
pub use serde;

pub use crate::guard::Shadow;
pub use crate::judgement::{Judged, Place, accept, judge};
pub use crate::object::{Given, Mask};
pub use crate::policy::{count_grants, known_grants, resolve_grants};
pub use crate::registry::entry::Entry;
pub use crate::registry::{
    Field, Function, FunctionKind, Object, PolicyRecord, Resource, ended_bytes, ended_length,
    function_bytes, function_length, policy_bytes, policy_length, resource_bytes, resource_length,
};
pub use crate::requirement::{Name, Named, Requirement};
pub use crate::seal::{MAKER, Maker, Seal};
#[cfg(feature = "tonic")]
pub use crate::tonic::generated as tonic;
pub use crate::vocabulary::closure::close;
pub use crate::vocabulary::{Bits, Grant, Kind, Table, Vocabulary};
pub use authz_macros::{declare_policy, declare_rule};

use crate::audit;
use crate::denied::Denied;
use crate::guard::Guarded;
use crate::identity::Identity;
use crate::message::Message;
use crate::policy::Policy;
use crate::vocabulary::{Scopes, lookup};

/// The policy itself. Where generated code names it through this, a type that is no policy leaves
/// an unknown type behind, about which nothing further is said.
pub trait IsPolicy {
    /// The same type.
    type Policy: Policy;
}

#[diagnostic::do_not_recommend]
impl<P: Policy> IsPolicy for P {
    type Policy = P;
}

/// Under which policy a function or a rule stands. Generated code asks once, so that a policy which
/// is none is one error.
pub trait UnderPolicy {
    /// The policy.
    type Policy: Policy;
}

/// A policy that may stand in `crate::policy`; implemented by `policy!`, so that its absence has its
/// own words.
#[diagnostic::on_unimplemented(
    message = "this crate has no policy in `crate::policy`",
    label = "stands under the policy in `crate::policy`, since it names no other",
    note = "create `src/policy.rs` with an enum of roles (`#[derive(Roles)]`), an enum of scopes \
            (`#[derive(Scopes)]`) and \
            `authz_core::policy!(pub Policy {{ roles: Role, scopes: Scope }});`, and write \
            `mod policy;` at the root of the crate",
    note = "for a policy that stands elsewhere write `policy = path::to::it`, or \
            `use path::to::it as policy;` at the root of the crate"
)]
pub trait PolicyOfCrate {}

/// Refuses the stand-in of [`no_policy`].
pub const fn require_policy<P: PolicyOfCrate>() {}

/// What `policy` is where the root of a crate has nothing of that name. It is whole, so that nothing
/// but its absence is reported; no name is in it.
#[path = "no_policy.rs"]
pub mod no_policy;

/// The indices of the names with a hash, or one that no set contains. The compiler looks once, however
/// many functions ask for the name; that it is the name that was meant is proven beside each use.
#[derive(Debug)]
pub struct Found<P, const HASH: u64>(PhantomData<P>);

impl<P: Policy, const HASH: u64> Found<P, HASH> {
    /// Of the role.
    pub const ROLE: usize = lookup::find_hash_or_none(P::Role::TABLE, HASH);
    /// Of the scope.
    pub const SCOPE: usize = lookup::find_hash_or_none(P::Scope::TABLE, HASH);
}

/// A compile error where the role with this hash is not `name`.
#[track_caller]
pub const fn known_role<P: Policy, const HASH: u64>(name: &str) {
    if P::RECORD.id().is_empty() {
        return;
    }
    lookup::require(P::Role::TABLE, P::Scope::TABLE, Found::<P, HASH>::ROLE, name);
}

/// A compile error where the scope with this hash is not `name`.
#[track_caller]
pub const fn known_scope<P: Policy, const HASH: u64>(name: &str) {
    if P::RECORD.id().is_empty() {
        return;
    }
    lookup::require(P::Scope::TABLE, P::Role::TABLE, Found::<P, HASH>::SCOPE, name);
}

/// What asks for the role with this hash.
#[must_use]
pub const fn role<P: Policy, const HASH: u64>() -> Requirement {
    Requirement::Role(Name::role::<P>(Found::<P, HASH>::ROLE))
}

/// What asks for the scope with this hash.
#[must_use]
pub const fn scope<P: Policy, const HASH: u64>() -> Requirement {
    Requirement::Scope(Name::scope::<P>(Found::<P, HASH>::SCOPE))
}

/// The index of the role with this hash as it stands in a record.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the derive takes far fewer names")]
pub const fn role_bytes<P: Policy, const HASH: u64>() -> [u8; 4] {
    (Found::<P, HASH>::ROLE as u32).to_le_bytes()
}

/// The index of the scope with this hash as it stands in a record.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the derive takes far fewer names")]
pub const fn scope_bytes<P: Policy, const HASH: u64>() -> [u8; 4] {
    (Found::<P, HASH>::SCOPE as u32).to_le_bytes()
}

/// The wire name of the scope at `index`, where a role grants it by the path of its variant.
#[must_use]
pub const fn scope_name<S: Scopes>(_: S, index: usize) -> &'static str {
    lookup::name_at(S::TABLE, index)
}

/// Whether the identity holds the role with this hash.
#[must_use]
#[expect(clippy::inline_always, reason = "a check is two bit tests; a call would cost more")]
#[inline(always)]
pub fn has_role<P: Policy, const HASH: u64>(identity: &Identity<P>) -> bool {
    identity.role_bits().contains(Found::<P, HASH>::ROLE)
}

/// Whether the identity holds the scope with this hash.
#[must_use]
#[expect(clippy::inline_always, reason = "a check is two bit tests; a call would cost more")]
#[inline(always)]
pub fn has_scope<P: Policy, const HASH: u64>(identity: &Identity<P>) -> bool {
    identity.scope_bits().contains(Found::<P, HASH>::SCOPE)
}

/// Whether the identity holds the role at `index`, which was named by its variant.
#[must_use]
#[expect(clippy::inline_always, reason = "a check is two bit tests; a call would cost more")]
#[inline(always)]
pub fn has_role_at<P: Policy>(identity: &Identity<P>, index: usize) -> bool {
    identity.role_bits().contains(index)
}

/// Whether the identity holds the scope at `index`, which was named by its variant.
#[must_use]
#[expect(clippy::inline_always, reason = "a check is two bit tests; a call would cost more")]
#[inline(always)]
pub fn has_scope_at<P: Policy>(identity: &Identity<P>, index: usize) -> bool {
    identity.scope_bits().contains(index)
}

/// Whether the identity was authenticated in exactly this class.
#[must_use]
#[inline]
pub fn has_acr<P: Policy>(identity: &Identity<P>, class: &str) -> bool {
    identity.acr() == Some(class)
}

/// What `identity = …` may name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` carries no identity",
    label = "expected an identity, a guard, or a request of a router with a verifier",
    note = "`identity = …` takes an `Identity`, a reference to one, a `Guard`, an `Option` or a \
            `Result` of these, or an `http::Request` whose extensions hold the identity"
)]
pub trait CarriesIdentity<P: Policy> {
    /// The identity.
    ///
    /// # Errors
    ///
    /// Denied when there is none.
    fn identity(&self) -> Result<Identity<P>, Denied>;
}

#[diagnostic::do_not_recommend]
impl<P: Policy> CarriesIdentity<P> for Identity<P> {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        Ok(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<F: Guarded> CarriesIdentity<F::Policy> for crate::Guard<F> {
    fn identity(&self) -> Result<Identity<F::Policy>, Denied> {
        Ok((**self).clone())
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy, T: CarriesIdentity<P> + ?Sized> CarriesIdentity<P> for &T {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        (**self).identity()
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy, T: CarriesIdentity<P> + ?Sized> CarriesIdentity<P> for &mut T {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        (**self).identity()
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy, T: CarriesIdentity<P> + ?Sized> CarriesIdentity<P> for Box<T> {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        (**self).identity()
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy, T: CarriesIdentity<P> + ?Sized> CarriesIdentity<P> for std::sync::Arc<T> {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        (**self).identity()
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy, T: CarriesIdentity<P>> CarriesIdentity<P> for Option<T> {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        self.as_ref().map_or_else(|| Err(Denied::no_credentials()), CarriesIdentity::identity)
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy, T: CarriesIdentity<P>> CarriesIdentity<P> for Result<T, Denied> {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        self.as_ref().map_or_else(|denied| Err(denied.clone()), CarriesIdentity::identity)
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy, B> CarriesIdentity<P> for http::Request<B> {
    fn identity(&self) -> Result<Identity<P>, Denied> {
        self.extensions().get::<Identity<P>>().identity()
    }
}

/// Checks an identity for `F`, where the function names it with `identity = …`.
///
/// # Errors
///
/// Denied when there is no identity, or it lacks something.
#[inline]
pub fn check<F: Guarded>(identity: Result<Identity<F::Policy>, Denied>) -> Result<(), Denied> {
    // Of nobody, no log is known.
    identity
        .inspect_err(|denied| audit::unknown::<F>(None, denied, audit::Place::nowhere))?
        .into_guard::<F>()
        .map(drop)
}

/// What a function with `identity = …` may return.
#[diagnostic::on_unimplemented(
    message = "a denial can't be returned as `{Self}`",
    label = "expected a `Result` whose error is `From<authz_core::Denied>`",
    note = "return `Result<_, Denied>`, or write `impl From<Denied> for` your error type"
)]
pub trait Refuse {
    /// The return value for a denial.
    fn refuse(denied: Denied) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, E: From<Denied>> Refuse for Result<T, E> {
    fn refuse(denied: Denied) -> Self {
        Err(E::from(denied))
    }
}

/// Tells whether a type goes past its masks: an inherent constant hides the one of [`PastMasks`], and is
/// there only for a type with the trait of serde.
#[derive(Debug)]
pub struct Serialized<T>(PhantomData<T>);

/// As [`Serialized`], for what is read.
#[derive(Debug)]
pub struct Deserialized<T>(PhantomData<T>);

/// What is so unless the type has the trait.
pub trait PastMasks {
    /// Whether it goes past its masks.
    const PAST_MASKS: bool = false;
}

impl<T> PastMasks for Serialized<T> {}
impl<T> PastMasks for Deserialized<T> {}

impl<T: serde::Serialize> Serialized<T> {
    /// It does.
    pub const PAST_MASKS: bool = true;
}

impl<'de, T: serde::Deserialize<'de>> Deserialized<T> {
    /// It does.
    pub const PAST_MASKS: bool = true;
}

/// A compile error where a type with masks is serialized without them.
#[track_caller]
#[expect(clippy::panic, reason = "evaluated by the compiler: the panic is the error message")]
pub const fn require_read_masks(past: bool, name: &str) {
    if past {
        let mut message = Message::new();
        message.push("`").push(name).push("` implements `Serialize`, which shows everybody what ");
        message.push("`read(...)` masks; remove it, and answer with `Masked::new(..., &guard)`");
        panic!("{}", message.text())
    }
}

/// A compile error where a type with masks is read without them.
#[track_caller]
#[expect(clippy::panic, reason = "evaluated by the compiler: the panic is the error message")]
pub const fn require_write_masks(past: bool, name: &str) {
    if past {
        let mut message = Message::new();
        message
            .push("`")
            .push(name)
            .push("` implements `Deserialize`, which lets everybody set what ");
        message.push("`write(...)` masks; remove it, and take an `Input` of it, whose `accept(&guard)` looks");
        panic!("{}", message.text())
    }
}
