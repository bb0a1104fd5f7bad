//! What is revoked before it expires: tokens, sessions, and everything a subject was given until
//! some time.
//!
//! Every request asks, those with a remembered token too: they compare a number that changes with
//! each revocation (`epoch.rs`).

mod epoch;
#[cfg(feature = "redis")]
mod redis;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use papaya::{Equivalent, HashMap};

use crate::clock::Clock;
use crate::identity::Identity;
use crate::metrics;
use crate::policy::Policy;

use super::error::TokenError;
use epoch::{Epoch, Revoked};
#[cfg(feature = "redis")]
pub use redis::RedisRevocations;

/// How long revocations are kept unless the application says otherwise.
const DEFAULT_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

/// The name of the store in the log.
pub(crate) const BACKEND: &str = "the revocation store";

/// The tokens, sessions and subjects that are revoked.
///
/// Given to a verifier with [`VerifierBuilder::revocations`](super::VerifierBuilder::revocations);
/// clones are handles of the same store, to be used wherever a user is logged out or a token is
/// reported stolen. The next request with a revoked token is refused, also if the token was just
/// verified (ASVS V7.4.2, V8.3.2).
///
/// This store is in the memory of one process; with the feature `redis` there is one that several
/// nodes share, `Revocations::redis`. Revocation at the authorization server (RFC 7009) is
/// its own business: it ends refresh tokens and opaque tokens, and a service learns of it by
/// introspection or by [back-channel logout](super::BackChannelLogout).
///
/// # Examples
///
/// ```
/// use authz_core::token::{Revocation, Revocations};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let revocations = Revocations::new();
/// revocations.revoke(Revocation::token("https://id.example.com", "the jti")).await?;
/// # Ok::<(), authz_core::token::RevocationError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Revocations {
    shared: Arc<Shared>,
    #[cfg(feature = "redis")]
    redis: Option<Arc<redis::Redis>>,
}

/// The revocations as requests see them.
pub(crate) struct Shared {
    names: HashMap<Name, Until>,
    epoch: Epoch,
    /// Seconds.
    retention: u64,
    clock: Clock,
    /// So many names make it worth looking for old ones.
    crowded: AtomicUsize,
}

/// Something to revoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    name: Name,
    until: Until,
}

/// A revocation with the time to forget it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    name: Name,
    until: Until,
}

/// Why something could not be revoked everywhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// The store that the nodes share does not answer: try again until it does.
    #[error("the revocation store can't be reached: {reason}")]
    Unavailable {
        /// What the client says.
        reason: Box<str>,
    },
    /// The address or the settings of the store are wrong.
    #[error("the revocation store can't be used: {reason}")]
    Settings {
        /// What is wrong.
        reason: Box<str>,
    },
}

/// What is revoked. Ids are unique within their issuer only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    kind: Kind,
    issuer: Box<str>,
    id: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Token,
    Session,
    Subject,
}

/// Which tokens of a name are revoked, and how long that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Until {
    /// Those issued up to then: seconds since 1970.
    issued: u64,
    /// The same for tokens that don't name their session.
    issued_without_session: u64,
    /// Seconds since 1970.
    forget: u64,
}

impl Revocation {
    /// One token, by the issuer and the token id (`jti`).
    #[must_use]
    pub fn token(issuer: &str, token_id: &str) -> Self {
        Self::named(Kind::Token, issuer, token_id, u64::MAX, u64::MAX)
    }

    /// Every token of a session at the issuer (`sid`).
    #[must_use]
    pub fn session(issuer: &str, session_id: &str) -> Self {
        Self::named(Kind::Session, issuer, session_id, u64::MAX, u64::MAX)
    }

    /// Every token of a subject that was issued up to `time`, in whole seconds: log out everywhere.
    ///
    /// Tokens of the same second are revoked, also those issued a moment later: a token tells no
    /// more than its second.
    #[must_use]
    pub fn subject(issuer: &str, subject: &str, time: SystemTime) -> Self {
        let time = since_1970(time);
        Self::named(Kind::Subject, issuer, subject, time, time)
    }

    /// As [`subject`](Self::subject), for tokens that don't name their session: when one session of
    /// the subject ends, any of them could belong to it.
    #[must_use]
    pub fn subject_without_session(issuer: &str, subject: &str, time: SystemTime) -> Self {
        Self::named(Kind::Subject, issuer, subject, 0, since_1970(time))
    }

    /// The token of this identity; `None` where it has no id.
    #[must_use]
    pub fn of_identity<P: Policy>(identity: &Identity<P>) -> Option<Self> {
        Some(Self::token(identity.issuer(), identity.token_id()?))
    }

    fn named(kind: Kind, issuer: &str, id: &str, until: u64, without_session: u64) -> Self {
        Self {
            name: Name { kind, issuer: issuer.into(), id: id.into() },
            until: Until { issued: until, issued_without_session: without_session, forget: 0 },
        }
    }
}

impl Revocations {
    /// An empty store in memory, which remembers for 24 hours.
    #[must_use]
    pub fn new() -> Self {
        Self::remembering_for(DEFAULT_RETENTION)
    }

    /// An empty store in memory that remembers for so long.
    ///
    /// It has to be at least as long as the longest token lives. A verifier refuses tokens that
    /// live longer, since they would be valid again once their revocation is forgotten.
    #[must_use]
    pub fn remembering_for(retention: Duration) -> Self {
        Self::of(Shared::new(retention, Clock::default()))
    }

    /// As [`remembering_for`](Self::remembering_for), with the time from a clock that a test moves.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_clock(retention: Duration, clock: &crate::testing::Clock) -> Self {
        Self::of(Shared::new(retention, clock.source()))
    }

    /// Revokes something, on every node that shares the store.
    ///
    /// # Errors
    ///
    /// [`RevocationError::Unavailable`] when the store does not answer. The revocation is in force
    /// on this node then, and on the others once the store is back, if this node still runs.
    #[cfg_attr(
        not(feature = "redis"),
        expect(clippy::unused_async, reason = "a store that nodes share has to be waited for")
    )]
    pub async fn revoke(&self, revocation: Revocation) -> Result<(), RevocationError> {
        let record = self.shared.record(revocation);
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.redis {
            self.shared.insert(record.clone());
            return redis.write(&record).await;
        }
        self.shared.insert(record);
        Ok(())
    }

    /// Changes whenever something is revoked, or the store goes or comes.
    pub(crate) fn epoch(&self) -> u64 {
        self.shared.epoch.number()
    }

    /// Whether an identity is still good. The result is the epoch for which that is true.
    pub(crate) fn check<P: Policy>(&self, identity: &Identity<P>) -> Result<u64, TokenError> {
        self.shared.check(identity)
    }

    pub(crate) fn of(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
            #[cfg(feature = "redis")]
            redis: None,
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.shared.names.len()
    }

    #[cfg(test)]
    pub(crate) fn set_available(&self, available: bool) {
        self.shared.set_available(available);
    }

    /// The longest lifetime of a token whose revocation is not forgotten too early, in seconds.
    pub(crate) fn retention(&self) -> u64 {
        self.shared.retention
    }
}

impl Default for Revocations {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations")
            .field("names", &self.shared.names.len())
            .field("epoch", &self.shared.epoch)
            .field("retention", &self.shared.retention)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Purging is worth its while from so many names on.
    const CROWD: usize = 1024;

    pub(crate) fn new(retention: Duration, clock: Clock) -> Self {
        Self {
            names: HashMap::new(),
            epoch: Epoch::new(),
            retention: retention.as_secs(),
            clock,
            crowded: AtomicUsize::new(Self::CROWD),
        }
    }

    /// The revocation with the time to forget it.
    fn record(&self, Revocation { name, until }: Revocation) -> Record {
        let forget = self.clock.now().saturating_add(self.retention);
        Record { name, until: Until { forget, ..until } }
    }

    /// Everything that is not forgotten yet.
    #[cfg(feature = "redis")]
    fn records(&self) -> Vec<Record> {
        let now = self.clock.now();
        let names = self.names.pin();
        let current = names.iter().filter(|(_, until)| until.forget > now);
        current.map(|(name, until)| Record { name: name.clone(), until: *until }).collect()
    }

    #[cfg(feature = "redis")]
    fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Adds a revocation for as long as it has to be remembered.
    fn insert(&self, Record { name, until }: Record) {
        metrics::revocation_seen();
        let now = self.clock.now();
        let names = self.names.pin();
        self.epoch.revoke(|| {
            names.update_or_insert(name, |old| old.and(until), until);
        });
        if names.len() >= self.crowded.load(Ordering::Relaxed) {
            names.retain(|_, until| until.forget > now);
            self.crowded.store(Self::CROWD.max(2 * names.len()), Ordering::Relaxed);
        }
    }

    /// Says whether everything that is revoked is known here.
    #[cfg(any(test, feature = "redis"))]
    fn set_available(&self, available: bool) {
        self.epoch.set_known(available);
    }

    fn check<P: Policy>(&self, identity: &Identity<P>) -> Result<u64, TokenError> {
        let revoked = || !self.names.is_empty() && self.is_revoked(identity);
        self.epoch.unrevoked(revoked).map_err(|revoked| match revoked {
            Revoked::Yes => TokenError::Revoked,
            Revoked::Perhaps => TokenError::Unavailable { backend: BACKEND },
        })
    }

    fn is_revoked<P: Policy>(&self, identity: &Identity<P>) -> bool {
        let names = self.names.pin();
        let issued = identity.issued_at_seconds();
        let session = identity.session_id();
        [
            (Kind::Token, identity.token_id()),
            (Kind::Session, session),
            (Kind::Subject, Some(identity.subject())),
        ]
        .into_iter()
        .filter_map(|(kind, id)| names.get(&NameRef { kind, issuer: identity.issuer(), id: id? }))
        .any(|until| {
            issued <= until.issued || (session.is_none() && issued <= until.issued_without_session)
        })
    }
}

impl Until {
    fn and(&self, other: Self) -> Self {
        Self {
            issued: self.issued.max(other.issued),
            issued_without_session: self.issued_without_session.max(other.issued_without_session),
            forget: self.forget.max(other.forget),
        }
    }
}

/// As text: one entry of the set, or a message, which tells the time to forget it as well.
#[cfg(feature = "redis")]
impl Record {
    fn forget(&self) -> u64 {
        self.until.forget
    }

    fn member(&self) -> String {
        let Self { name, until } = self;
        let (kind, issuer, id) = (name.kind.word(), &name.issuer, &name.id);
        serde_json::json!([kind, issuer, id, until.issued, until.issued_without_session])
            .to_string()
    }

    fn message(&self) -> String {
        serde_json::json!([self.until.forget, self.member()]).to_string()
    }

    fn from_member(member: &str, forget: u64) -> Option<Self> {
        let (kind, issuer, id, until, without_session): (String, _, _, _, _) =
            serde_json::from_str(member).ok()?;
        let kind = [Kind::Token, Kind::Session, Kind::Subject]
            .into_iter()
            .find(|known| known.word() == kind)?;
        Some(Self {
            name: Name { kind, issuer, id },
            until: Until { issued: until, issued_without_session: without_session, forget },
        })
    }

    fn from_message(message: &str) -> Option<Self> {
        let (forget, member): (u64, String) = serde_json::from_str(message).ok()?;
        Self::from_member(&member, forget)
    }
}

#[cfg(feature = "redis")]
impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
            Self::Subject => "subject",
        }
    }
}

/// A [`Name`] borrowed.
struct NameRef<'a> {
    kind: Kind,
    issuer: &'a str,
    id: &'a str,
}

/// INVARIANT: as derived for [`Name`].
impl Hash for NameRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.issuer.hash(state);
        self.id.hash(state);
    }
}

impl Equivalent<Name> for NameRef<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        self.kind == name.kind && *self.issuer == *name.issuer && *self.id == *name.id
    }
}

/// Whole seconds; a time before 1970 is 1970.
fn since_1970(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
