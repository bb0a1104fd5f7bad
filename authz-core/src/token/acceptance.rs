//! Identities at the verifier that guards: who may have found them, when they end, and which of them own
//! the objects that name no issuer.
//!
//! INVARIANT: a verifier settles by itself whether an identity is of its home issuer. What another verifier
//! settled counts for nothing: a subject is unique within its issuer only (ASVS V10.3.3), and the home
//! issuer of one verifier is somebody else to the next.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Clock;
use crate::denied::{Cause, Denied, ENDED};
use crate::identity::Identity;
use crate::policy::Policy;

use super::verifier::Verifier;

/// Names one verifier of this process, and its clones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct VerifierId(NonZeroU64);

impl VerifierId {
    /// In place of a verifier: a test says who it is, and every verifier takes that.
    #[cfg(any(test, feature = "testing"))]
    const OF_A_TEST: Self = Self(NonZeroU64::MAX);

    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let last = LAST.fetch_add(1, Ordering::Relaxed);
        // More than a process can count to.
        Self(NonZeroU64::MIN.saturating_add(last))
    }

    #[cfg(any(test, feature = "testing"))]
    fn is_of_a_test(self) -> bool {
        self == Self::OF_A_TEST
    }

    #[cfg(not(any(test, feature = "testing")))]
    #[expect(clippy::unused_self, reason = "without the feature there are no tests")]
    fn is_of_a_test(self) -> bool {
        false
    }
}

/// The verifier that took an identity, and whether it took it for one of its home issuer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    /// `None` as long as there is nobody but an authenticator that vouches for the identity.
    by: Option<VerifierId>,
    home: bool,
}

impl Taken {
    /// Of an identity that was just made.
    pub(crate) fn by_nobody(home: bool) -> Self {
        Self { by: None, home }
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn by_a_test(home: bool) -> Self {
        Self { by: Some(VerifierId::OF_A_TEST), home }
    }

    /// Whether the issuer of the identity is the one whose subjects are meant where an object names none.
    #[inline]
    pub(crate) fn at_home(self) -> bool {
        self.home
    }

    /// Whether no verifier has looked at the identity yet.
    #[inline]
    pub(crate) fn is_by_nobody(self) -> bool {
        self.by.is_none()
    }

    fn is_by_a_test(self) -> bool {
        self.by.is_some_and(VerifierId::is_of_a_test)
    }
}

/// The issuer whose subjects are meant where an object names none.
#[derive(Clone)]
pub(super) enum Home {
    /// None of the verifier's own; an authenticator may vouch that it is one.
    Unsaid,
    /// An issuer of tokens, whose mapping says it to its tokens.
    OfTokens(Arc<str>),
    /// The one of an authenticator.
    OfAuthenticator(Arc<str>),
}

impl Home {
    /// INVARIANT: where the home issuer is known, nobody of another issuer is taken for its subject; and
    /// where it is not, no token says that its own is.
    fn is_of<P: Policy>(&self, identity: &Identity<P>) -> bool {
        match self {
            Self::Unsaid => identity.says_home() && !identity.is_of_a_token(),
            Self::OfTokens(name) => identity.says_home() && identity.issuer() == &**name,
            Self::OfAuthenticator(name) => identity.issuer() == &**name,
        }
    }
}

/// Which identities a verifier takes that it did not find itself, and as what.
pub(super) struct Acceptance {
    id: VerifierId,
    /// Whose identities it takes too.
    others: Box<[VerifierId]>,
    home: Home,
}

impl Acceptance {
    pub(super) fn new(home: Home) -> Self {
        Self { id: VerifierId::next(), others: Box::default(), home }
    }

    /// That of a verifier which takes whatever this one does, and more: identities go from here to there,
    /// and not back.
    pub(super) fn widened(&self, by: Option<&Self>) -> Self {
        let more = [self.id].into_iter().chain(by.map(|other| other.id));
        let others = self.others.iter().copied().chain(more).collect();
        Self { id: VerifierId::next(), others, home: self.home.clone() }
    }

    fn takes_from(&self, id: VerifierId) -> bool {
        id == self.id || self.others.contains(&id)
    }
}

/// An identity that was there before a verifier looked at the request.
pub(crate) enum Known<P: Policy> {
    /// None that this verifier takes: the credentials of the request say who is asking.
    Nobody,
    /// One that is as this verifier would have it.
    Unchanged,
    /// One that this verifier has now taken, to stand in its place.
    Changed(Identity<P>),
    /// One that has ended.
    Refused(Denied),
}

impl<P: Policy> Verifier<P> {
    /// Takes identities too that `other` found, such as in a middleware in front of the routes that this
    /// verifier guards.
    ///
    /// Without this, an identity of another verifier is nobody here, and the credentials of the request are
    /// looked at. Taken are those that `other`, its clones, and no other verifier found; what it trusts is
    /// trusted then, such as its issuers and their roles. Objects that name no issuer stay those of the home
    /// issuer of this verifier.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::Policy;
    /// use authz_core::token::Verifier;
    ///
    /// fn both<P: Policy>(staff: Verifier<P>, partners: &Verifier<P>) -> Verifier<P> {
    ///     staff.accepting(partners)
    /// }
    /// ```
    #[must_use]
    pub fn accepting(self, other: &Self) -> Self {
        let acceptance = Arc::new(self.acceptance().widened(Some(other.acceptance())));
        self.with_acceptance(acceptance)
    }

    /// Checks an identity that was found elsewhere, as the gates of the routers do: one of this verifier,
    /// of one that it is [`accepting`](Self::accepting), or one that an authenticator vouches for, whose end
    /// has not passed.
    ///
    /// For functions that no router is in front of, and for identities that are kept for longer than a
    /// request. Objects that name no issuer are those of the home issuer of the verifier that looked at the
    /// identity last.
    ///
    /// # Errors
    ///
    /// [`Denied`] (401) where another verifier found the identity, or its end has passed.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::token::Verifier;
    /// use authz_core::{Denied, Guard, Guarded, Identity, Policy};
    ///
    /// /// Checks who opened a connection for each message that comes over it.
    /// fn guard<P: Policy, F: Guarded<Policy = P>>(
    ///     verifier: &Verifier<P>,
    ///     opened_by: &Identity<P>,
    /// ) -> Result<Guard<F>, Denied> {
    ///     verifier.accept(opened_by.clone())?.authorize()
    /// }
    /// ```
    pub fn accept(&self, identity: Identity<P>) -> Result<Identity<P>, Denied> {
        match self.known(Some(&identity)) {
            Known::Unchanged => Ok(identity),
            Known::Changed(identity) => Ok(identity),
            Known::Refused(denied) => Err(denied),
            Known::Nobody => Err(self.refusal("another verifier found the identity")),
        }
    }

    /// As [`known`](Self::known), with the identity in any case; `None` where the gate has to ask for itself.
    #[cfg(any(feature = "tonic", feature = "tower"))]
    pub(crate) fn known_in(
        &self,
        extensions: &http::Extensions,
    ) -> Option<Result<Identity<P>, Denied>> {
        let found = extensions.get::<Identity<P>>()?;
        match self.known(Some(found)) {
            Known::Nobody => None,
            Known::Unchanged => Some(Ok(found.clone())),
            Known::Changed(identity) => Some(Ok(identity)),
            Known::Refused(denied) => Some(Err(denied)),
        }
    }

    /// As [`accept`](Self::accept), for a gate: where the identity is of another verifier, the gate asks for
    /// itself.
    pub(crate) fn known(&self, identity: Option<&Identity<P>>) -> Known<P> {
        let Some(identity) = identity else { return Known::Nobody };
        let taken = identity.taken();
        if taken.is_by_a_test() {
            return self.recorded_anew(identity).map_or(Known::Unchanged, Known::Changed);
        }
        match taken.by {
            Some(id) if id == self.acceptance().id => match self.require_not_ended(identity) {
                Err(denied) => Known::Refused(denied),
                Ok(()) => self.recorded_anew(identity).map_or(Known::Unchanged, Known::Changed),
            },
            Some(id) if !self.acceptance().takes_from(id) => Known::Nobody,
            Some(_) | None => match self.taken(identity.clone()) {
                Ok(identity) => Known::Changed(self.recorded(identity)),
                Err(denied) => Known::Refused(denied),
            },
        }
    }

    /// The identity of a token that this verifier has just verified.
    #[inline]
    pub(super) fn found(&self, identity: Identity<P>) -> Identity<P> {
        // The mapping of its own issuer has said whether it is the home issuer.
        let home = identity.says_home();
        identity.with_taken(Taken { by: Some(self.acceptance().id), home })
    }

    /// The identity of an authenticator, or of another verifier whose identities are taken.
    ///
    /// # Errors
    ///
    /// Denied where its end has passed.
    pub(crate) fn taken(&self, identity: Identity<P>) -> Result<Identity<P>, Denied> {
        let home = self.acceptance().home.is_of(&identity);
        let Taken { by, .. } = identity.taken();
        if identity.taken().is_by_a_test() {
            return Ok(identity.with_taken(Taken { by, home }));
        }
        self.require_not_ended(&identity)?;
        Ok(identity.with_taken(Taken { by: Some(self.acceptance().id), home }))
    }

    /// As for a token: it is good until its end, and for the leeway.
    fn require_not_ended(&self, identity: &Identity<P>) -> Result<(), Denied> {
        let now = self.clock().or(identity.clock()).now();
        if now < identity.expires_at_seconds().saturating_add(self.leeway()) {
            return Ok(());
        }
        Err(self.refusal(ENDED))
    }

    #[cold]
    fn refusal(&self, reason: &'static str) -> Denied {
        Denied::new(Cause::Refused { realm: self.realm().clone(), reason: reason.into() })
    }
}

impl<P: Policy> Identity<P> {
    /// Whether its end has passed and no verifier was there to say so: to the second, and by its own clock.
    /// One that was taken may be kept, and does not expire by itself.
    #[inline]
    pub(crate) fn has_ended_untaken(&self) -> bool {
        self.taken().is_by_nobody() && self.clock().now() >= self.expires_at_seconds()
    }
}

impl Clock {
    /// The clock that a test moves, where one of the two is that.
    fn or<'a>(&'a self, other: &'a Self) -> &'a Self {
        match self {
            Self::System => other,
            Self::Set(_) => self,
        }
    }
}
