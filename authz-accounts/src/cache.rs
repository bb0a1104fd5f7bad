//! Identities that were looked up, for as long as the database can't have changed.
//!
//! INVARIANT: what is answered from here was confirmed within [`CONFIRMED_FOR`]. Each node reads the
//! end of the audit trail a few times in a second (PostgreSQL says when it is time). What was revoked
//! there is thrown out here; and a node that can't read it stops to answer from here.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use authz_core::{Identity, Policy};
use quick_cache::sync::Cache;

use crate::secret::SecretHash;

/// How many identities are kept.
const CAPACITY: usize = 16_384;
/// How long the last look at the database counts. A revocation elsewhere is seen within a second.
const CONFIRMED_FOR: Duration = Duration::from_millis(900);

/// What was found for one cookie or key.
#[derive(Debug)]
pub(crate) struct Entry<P: Policy> {
    pub(crate) identity: Identity<P>,
    /// The account that it speaks for.
    pub(crate) account: Box<str>,
    /// The session or the key, by the id that is no secret.
    pub(crate) id: Box<str>,
    pub(crate) kind: Kind,
    /// Seconds since 1970.
    pub(crate) expires_at: i64,
    /// Seconds since 1970.
    pub(crate) last_used_at: AtomicI64,
    /// Uses that are not in the database yet.
    pub(crate) uses: AtomicU64,
}

/// Uses of one entry.
pub(crate) struct Used<P: Policy> {
    pub(crate) entry: Arc<Entry<P>>,
    pub(crate) times: u64,
    /// Seconds since 1970.
    pub(crate) last_used_at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    Key,
}

pub(crate) struct Identities<P: Policy> {
    entries: Cache<SecretHash, Arc<Entry<P>>>,
    /// Entries whose uses are to be written.
    used: Mutex<Vec<Arc<Entry<P>>>>,
    /// How often something was thrown out.
    evictions: AtomicU64,
    started: Instant,
    /// Milliseconds after `started`, until which the entries are good.
    confirmed_until: AtomicU64,
}

impl<P: Policy> Identities<P> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Cache::new(CAPACITY),
            used: Mutex::default(),
            evictions: AtomicU64::new(0),
            started: Instant::now(),
            confirmed_until: AtomicU64::new(0),
        }
    }

    /// What is known about this secret, if that is certain.
    pub(crate) fn get(&self, hash: &SecretHash) -> Option<Arc<Entry<P>>> {
        if self.elapsed(Instant::now()) > self.confirmed_until.load(Ordering::Acquire) {
            return None;
        }
        self.entries.get(hash)
    }

    /// When this node last saw the secret used, whether or not the rest is still certain: the
    /// database learns of it a little later.
    pub(crate) fn last_used_at(&self, hash: &SecretHash) -> i64 {
        let entry = self.entries.peek(hash);
        entry.map_or(i64::MIN, |entry| entry.last_used_at.load(Ordering::Relaxed))
    }

    /// To be called before the database is read for [`insert`](Self::insert).
    pub(crate) fn evictions(&self) -> u64 {
        self.evictions.load(Ordering::Acquire)
    }

    /// Keeps what was read, unless something was revoked since `evictions` was taken: it may have
    /// been read before.
    pub(crate) fn insert(&self, hash: SecretHash, entry: &Arc<Entry<P>>, evictions: u64) {
        self.entries.insert(hash, Arc::clone(entry));
        // Whoever evicts counts first and looks for entries then: one of the two sees the other.
        if self.evictions.load(Ordering::Acquire) != evictions {
            self.entries.remove(&hash);
        }
    }

    /// Throws out what is known about an account.
    pub(crate) fn evict(&self, account: &str) {
        self.evictions.fetch_add(1, Ordering::AcqRel);
        self.entries.retain(|_, entry| &*entry.account != account);
    }

    /// Throws out everything.
    pub(crate) fn evict_all(&self) {
        self.evictions.fetch_add(1, Ordering::AcqRel);
        self.entries.clear();
    }

    /// Says that the entries were good at `time`.
    pub(crate) fn confirm(&self, time: Instant) {
        let until = self.elapsed(time) + u64::try_from(CONFIRMED_FOR.as_millis()).unwrap_or(0);
        self.confirmed_until.fetch_max(until, Ordering::AcqRel);
    }

    /// Counts a use.
    pub(crate) fn touch(&self, entry: &Arc<Entry<P>>, now: i64) {
        entry.last_used_at.fetch_max(now, Ordering::Relaxed);
        if entry.uses.fetch_add(1, Ordering::Relaxed) == 0 {
            let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            used.push(Arc::clone(entry));
        }
    }

    /// The uses that are to be written, which are not listed any more.
    pub(crate) fn take_used(&self) -> Vec<Used<P>> {
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        let used = used.into_iter().map(|entry| Used {
            // From here on the next use is listed again.
            times: entry.uses.swap(0, Ordering::AcqRel),
            last_used_at: entry.last_used_at.load(Ordering::Relaxed),
            entry,
        });
        used.collect()
    }

    /// Lists uses again that could not be written.
    pub(crate) fn put_back(&self, used: Vec<Used<P>>) {
        let mut list = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        for Used { entry, times, .. } in used {
            if entry.uses.fetch_add(times, Ordering::AcqRel) == 0 {
                list.push(entry);
            }
        }
    }

    fn elapsed(&self, time: Instant) -> u64 {
        let elapsed = time.saturating_duration_since(self.started).as_millis();
        u64::try_from(elapsed).unwrap_or(u64::MAX)
    }
}

impl<P: Policy> std::fmt::Debug for Identities<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identities").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}
