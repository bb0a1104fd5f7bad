//! Proofs that were used, until they could not be used any more anyway (RFC 9449 section 11.1).

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

/// What a [`ReplayStore`] answers, later.
pub type FirstUse<'a> = Pin<Box<dyn Future<Output = Result<bool, ReplayStoreError>> + Send + 'a>>;

/// Remembers which DPoP proofs were used.
///
/// [`MemoryReplayStore`] for one process; with the feature `redis` there is one for several.
pub trait ReplayStore: Send + Sync + 'static {
    /// Remembers a proof until the second `until`, and tells whether this was its first use. Both
    /// times are seconds since 1970, and `until` is at most minutes away.
    ///
    /// Of several calls at once with the same proof, one is the first. A store that forgets a proof
    /// before its time lets it be used again, so what can't be remembered is an error.
    ///
    /// # Errors
    ///
    /// [`ReplayStoreError`], where the store can't tell or can't remember. The request is answered by
    /// 503 then.
    fn first_use(&self, proof: ProofId, now: u64, until: u64) -> FirstUse<'_>;
}

/// The name of a proof: a digest of the key that made it and of its `jti`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProofId([u8; 32]);

impl ProofId {
    pub(crate) fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Why a store can't tell whether a proof was used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ReplayStoreError {
    reason: Box<str>,
}

impl ReplayStoreError {
    /// The reason, for the log.
    #[must_use]
    pub fn new(reason: &str) -> Self {
        Self { reason: reason.into() }
    }
}

/// How many proofs are remembered unless the store says otherwise.
const DEFAULT_LIMIT: usize = 1_000_000;

/// Proofs are forgotten together if they end within so many seconds.
const SLICE: u64 = 16;

/// A [`ReplayStore`] in the memory of one process.
///
/// With several nodes, a proof that one of them has seen can be used once more on each other one:
/// share a store then.
///
/// INVARIANT: nothing is forgotten before its time, also when the clock is set back. Where there is
/// no room, requests with proofs are answered by 503.
pub struct MemoryReplayStore {
    limit: usize,
    slices: Mutex<Slices>,
}

#[derive(Default)]
struct Slices {
    /// By the last second in which one of the proofs can be used.
    proofs: BTreeMap<u64, HashSet<ProofId>>,
    count: usize,
    /// Everything that ended by then is forgotten.
    forgotten: u64,
}

impl MemoryReplayStore {
    /// A store with room for a million proofs: 8,000 requests each second, with the times that
    /// [`Dpop`](super::Dpop) has unless set.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }

    /// A store with room for so many proofs.
    #[must_use]
    pub fn with_limit(proofs: usize) -> Self {
        Self { limit: proofs, slices: Mutex::default() }
    }

    fn add(&self, proof: ProofId, now: u64, until: u64) -> Result<bool, ReplayStoreError> {
        // Each change is whole, so what a panic of another thread left behind is fine.
        let mut slices = self.slices.lock().unwrap_or_else(PoisonError::into_inner);
        slices.forget(now);
        let slice = until.div_ceil(SLICE).saturating_mul(SLICE);
        if slice <= slices.forgotten {
            // It may have been there.
            return Ok(false);
        }
        // Another proof with this name may end at another time, so all of the few slices are asked.
        if slices.proofs.values().any(|proofs| proofs.contains(&proof)) {
            return Ok(false);
        }
        if slices.count >= self.limit {
            return Err(ReplayStoreError::new("there is no room for another proof"));
        }
        slices.proofs.entry(slice).or_default().insert(proof);
        slices.count += 1;
        Ok(true)
    }
}

impl Slices {
    fn forget(&mut self, now: u64) {
        while let Some(slice) = self.proofs.first_entry().filter(|slice| *slice.key() < now) {
            self.forgotten = *slice.key();
            self.count -= slice.remove().len();
        }
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        Self::new()
    }
}

impl ReplayStore for MemoryReplayStore {
    fn first_use(&self, proof: ProofId, now: u64, until: u64) -> FirstUse<'_> {
        Box::pin(ready(self.add(proof, now, until)))
    }
}

impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayStore").field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{MemoryReplayStore, ProofId, SLICE};

    fn proof(number: u8) -> ProofId {
        ProofId::new([number; 32])
    }

    #[test]
    fn a_proof_is_new_once() {
        let store = MemoryReplayStore::new();
        assert_eq!(store.add(proof(1), 1000, 1100), Ok(true));
        assert_eq!(store.add(proof(1), 1000, 1100), Ok(false));
        assert_eq!(store.add(proof(2), 1000, 1100), Ok(true));
    }

    #[test]
    fn nothing_is_forgotten_before_its_time_and_everything_after() {
        let store = MemoryReplayStore::with_limit(1);
        let until = 1100;
        assert_eq!(store.add(proof(1), 1000, until), Ok(true));
        for now in 1000..=until {
            assert_eq!(store.add(proof(1), now, until), Ok(false), "{now}");
            assert!(store.add(proof(2), now, until + 1000).is_err(), "{now}");
        }
        assert_eq!(store.add(proof(2), until + SLICE + 1, until + 1000), Ok(true));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nothing_new() {
        let store = MemoryReplayStore::new();
        assert_eq!(store.add(proof(1), 1000, 1100), Ok(true));
        assert_eq!(store.add(proof(2), 2000, 2100), Ok(true));
        assert_eq!(store.add(proof(1), 1000, 1100), Ok(false));
        assert_eq!(store.add(proof(3), 2000, 2100), Ok(true));
    }

    #[test]
    fn where_there_is_no_room_nobody_can_tell() {
        let store = MemoryReplayStore::with_limit(2);
        assert_eq!(store.add(proof(1), 1000, 1100), Ok(true));
        assert_eq!(store.add(proof(2), 1000, 1200), Ok(true));
        assert!(store.add(proof(3), 1000, 1100).is_err());
        assert_eq!(store.add(proof(1), 1000, 1100), Ok(false), "what is known stays known");
    }

    #[test]
    fn of_many_threads_one_is_the_first() {
        let store = Arc::new(MemoryReplayStore::new());
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let store = Arc::clone(&store);
                std::thread::spawn(move || store.add(proof(1), 1000, 1100).unwrap())
            })
            .collect();
        let firsts = threads.into_iter().map(|thread| thread.join().unwrap());
        assert_eq!(firsts.filter(|first| *first).count(), 1);
    }
}
