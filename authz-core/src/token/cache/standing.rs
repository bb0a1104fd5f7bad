//! Under what a token was verified, and whether that still holds. Modelled in `tests/models`.
//!
//! INVARIANT: every hit asks for all that could have changed since: the time, the keys of the
//! issuer, and what is revoked.

use crate::sync::{AtomicU64, Ordering};

/// What has to hold still for the token to count.
pub(crate) struct Standing {
    /// When it was verified: seconds since 1970.
    since: u64,
    /// When it ends: seconds since 1970.
    until: u64,
    /// Of the keys that verified it.
    generation: u64,
    /// Of the revocations that were last looked at.
    epoch: AtomicU64,
}

impl Standing {
    pub(crate) fn new(since: u64, until: u64, generation: u64, epoch: u64) -> Self {
        Self { since, until, generation, epoch: AtomicU64::new(epoch) }
    }

    /// When it ends: seconds since 1970.
    pub(crate) fn until(&self) -> u64 {
        self.until
    }

    /// Whether it still counts: `None` where the token has to be verified anew.
    ///
    /// `unrevoked` is asked only if `epoch` is not the one of the last look, and tells for which
    /// epoch its answer is true.
    pub(crate) fn recheck<E>(
        &self,
        now: u64,
        is_current: impl FnOnce(u64) -> bool,
        epoch: impl FnOnce() -> u64,
        unrevoked: impl FnOnce() -> Result<u64, E>,
    ) -> Option<Result<(), E>> {
        // A clock that was set back could make it a token that is not valid yet.
        let in_time = (self.since..self.until).contains(&now);
        if !in_time || !is_current(self.generation) {
            return None;
        }
        if self.epoch.load(Ordering::Acquire) != epoch() {
            match unrevoked() {
                Ok(epoch) => self.epoch.store(epoch, Ordering::Release),
                Err(error) => return Some(Err(error)),
            }
        }
        Some(Ok(()))
    }
}
