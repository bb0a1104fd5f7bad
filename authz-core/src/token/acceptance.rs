//! Identities at the verifier that guards: who may have found them, when they end, and which of them own
//! the objects that name no issuer.
//!
//! INVARIANT: a verifier settles by itself whether an identity is of its home issuer. What another verifier
//! settled counts for nothing: a subject is unique within its issuer only (ASVS V10.3.3), and the home
//! issuer of one verifier is somebody else to the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Clock;
use crate::denied::{Cause, Denied, ENDED};
use crate::identity::Identity;
use crate::policy::Policy;

use super::verifier::Verifier;

/// Names one verifier of this process, with its clones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct VerifierId(u64);

impl VerifierId {
    /// In place of a verifier: nobody has looked at the identity but whoever made it.
    const NOBODY: Self = Self(0);

    /// In place of a verifier: a test says who it is, and every verifier takes that.
    #[cfg(any(test, feature = "testing"))]
    const OF_A_TEST: Self = Self(Self::LIMIT);

    /// Leaves a bit free for [`Taken`].
    const LIMIT: u64 = u64::MAX >> 1;

    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        // No process counts that far.
        Self(LAST.fetch_add(1, Ordering::Relaxed).saturating_add(1).min(Self::LIMIT - 1))
    }
}

/// The verifier that took an identity, and whether it took it for one of its home issuer.
///
/// One word, since it goes with every handle of an identity: the id, and a bit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken(u64);

impl Taken {
    #[inline]
    fn new(by: VerifierId, home: bool) -> Self {
        Self((by.0 << 1) | u64::from(home))
    }

    /// Marks an identity that was just made.
    #[inline]
    pub(crate) fn by_nobody(home: bool) -> Self {
        Self::new(VerifierId::NOBODY, home)
    }

    /// Marks an identity that a test made.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn by_a_test(home: bool) -> Self {
        Self::new(VerifierId::OF_A_TEST, home)
    }

    #[inline]
    fn by(self) -> VerifierId {
        VerifierId(self.0 >> 1)
    }

    /// Whether the issuer of the identity is the one whose subjects are meant where an object names none.
    #[inline]
    pub(crate) fn at_home(self) -> bool {
        self.0 & 1 == 1
    }

    /// Whether no verifier has looked at the identity yet.
    #[inline]
    pub(crate) fn is_by_nobody(self) -> bool {
        self.by() == VerifierId::NOBODY
    }

    fn is_by_a_verifier(self) -> bool {
        !self.is_by_nobody() && !self.is_by_a_test()
    }

    #[cfg(any(test, feature = "testing"))]
    fn is_by_a_test(self) -> bool {
        self.by() == VerifierId::OF_A_TEST
    }

    #[cfg(not(any(test, feature = "testing")))]
    #[expect(clippy::unused_self, reason = "without the feature there are no tests")]
    fn is_by_a_test(self) -> bool {
        false
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
    /// where it is not, what was said to another verifier is not said to this one.
    fn is_of<P: Policy>(&self, identity: &Identity<P>) -> bool {
        match self {
            Self::Unsaid => identity.says_home() && !identity.taken().is_by_a_verifier(),
            Self::OfTokens(name) => identity.says_home() && identity.issuer() == &**name,
            Self::OfAuthenticator(name) => identity.issuer() == &**name,
        }
    }
}

/// Which identities a verifier takes that it did not just find itself, and as what.
pub(super) struct Acceptance {
    /// Names it in what its authenticators and other verifiers bring.
    id: VerifierId,
    /// The verifiers that it was made of, the first one first. It means the same issuer by home, and takes
    /// what they take and more: identities go from them to it, and not back.
    ancestors: Box<[VerifierId]>,
    /// Whose identities it was told to take too.
    others: Box<[VerifierId]>,
    home: Home,
}

impl Acceptance {
    pub(super) fn new(home: Home) -> Self {
        Self { id: VerifierId::next(), ancestors: Box::default(), others: Box::default(), home }
    }

    /// Makes that of a verifier which is made of this one, and takes more.
    pub(super) fn widened(&self, by: Option<&Self>) -> Self {
        let more = by.into_iter().flat_map(|other| [other.id, other.of_tokens()]);
        Self {
            id: VerifierId::next(),
            ancestors: self.ancestors.iter().copied().chain([self.id]).collect(),
            others: self.others.iter().copied().chain(more).collect(),
            home: self.home.clone(),
        }
    }

    /// Names the verifier in what its tokens say. All that were made of one verifier verify the same tokens, so they
    /// take from each other what was found in these: a proof that came with one is good only once.
    #[inline]
    fn of_tokens(&self) -> VerifierId {
        self.ancestors.first().copied().unwrap_or(self.id)
    }

    fn is(&self, id: VerifierId) -> bool {
        id == self.id || self.ancestors.contains(&id)
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
            Known::Changed(taken) => Ok(taken),
            Known::Refused(denied) => Err(denied),
            Known::Nobody => Err(self.refusal("another verifier found the identity")),
        }
    }

    /// Returns the identity that is in a request already, as [`known`](Self::known) has it; `None` where the
    /// gate has to ask for itself.
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

    /// Judges an identity as [`accept`](Self::accept) does, for a gate: where it is of another verifier, the
    /// gate asks for itself.
    pub(crate) fn known(&self, identity: Option<&Identity<P>>) -> Known<P> {
        let Some(identity) = identity else { return Known::Nobody };
        let taken = identity.taken();
        if taken.is_by_a_test() {
            return self.recorded_anew(identity).map_or(Known::Unchanged, Known::Changed);
        }
        let by = taken.by();
        if self.acceptance().is(by) {
            return match self.require_not_ended(identity) {
                Err(denied) => Known::Refused(denied),
                Ok(()) => self.recorded_anew(identity).map_or(Known::Unchanged, Known::Changed),
            };
        }
        if taken.is_by_a_verifier() && !self.acceptance().others.contains(&by) {
            return Known::Nobody;
        }
        match self.taken(identity.clone()) {
            Ok(identity) => Known::Changed(self.recorded(identity)),
            Err(denied) => Known::Refused(denied),
        }
    }

    /// Marks the identity of a token that this verifier has just verified.
    #[inline]
    pub(super) fn found(&self, identity: Identity<P>) -> Identity<P> {
        // The mapping of its own issuer has said whether it is the home issuer.
        let home = identity.says_home();
        identity.with_taken(Taken::new(self.acceptance().of_tokens(), home))
    }

    /// Takes the identity of an authenticator, or of another verifier that is accepted.
    ///
    /// # Errors
    ///
    /// Denied where its end has passed.
    pub(crate) fn taken(&self, identity: Identity<P>) -> Result<Identity<P>, Denied> {
        let home = self.acceptance().home.is_of(&identity);
        let taken = identity.taken();
        if taken.is_by_a_test() {
            return Ok(identity.with_taken(Taken::new(taken.by(), home)));
        }
        self.require_not_ended(&identity)?;
        Ok(identity.with_taken(Taken::new(self.acceptance().id, home)))
    }

    /// Checks the end as that of a token: the identity is good until then, and for the leeway.
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
    /// Returns whether the end has passed and no verifier was there to say so: to the second, and by the
    /// identity's own clock. One that was taken may be kept, and does not expire by itself.
    #[inline]
    pub(crate) fn has_ended_untaken(&self) -> bool {
        self.taken().is_by_nobody() && self.clock().now() >= self.expires_at_seconds()
    }
}

impl Clock {
    /// Returns the clock that a test moves, where one of the two is that.
    fn or<'a>(&'a self, other: &'a Self) -> &'a Self {
        match self {
            Self::System => other,
            Self::Set(_) => self,
        }
    }
}
