//! How much is remembered, counted by threads that take no lock. Modelled in `tests/models`.
//!
//! INVARIANT: what is counted is what is in the map, or about to be.

use crate::sync::{AtomicBool, AtomicUsize, Ordering};

/// How much a cache may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

/// The room in a cache.
#[derive(Debug)]
pub(crate) struct Room {
    limits: Limits,
    entries: AtomicUsize,
    bytes: AtomicUsize,
    sweeping: AtomicBool,
}

impl Room {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            entries: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            sweeping: AtomicBool::new(false),
        }
    }

    /// Takes room for an entry, or none.
    pub(crate) fn reserve(&self, cost: usize) -> bool {
        let entries = self.entries.fetch_add(1, Ordering::AcqRel);
        let bytes = self.bytes.fetch_add(cost, Ordering::AcqRel);
        let fits = entries < self.limits.entries && bytes.saturating_add(cost) <= self.limits.bytes;
        if !fits {
            self.release(cost);
        }
        fits
    }

    /// Gives the room of an entry back.
    pub(crate) fn release(&self, cost: usize) {
        self.entries.fetch_sub(1, Ordering::AcqRel);
        self.bytes.fetch_sub(cost, Ordering::AcqRel);
    }

    /// Makes room by `sweep`, unless another thread is at it: one sweeps, the others go on without.
    pub(crate) fn make(&self, sweep: impl FnOnce()) {
        let free =
            self.sweeping.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
        if free.is_ok() {
            sweep();
            self.sweeping.store(false, Ordering::Release);
        }
    }

    /// Whether an eighth is free.
    pub(crate) fn is_ample(&self) -> bool {
        let free = |used: usize, limit: usize| used <= limit.saturating_sub(limit.div_ceil(8));
        let (entries, bytes) = self.counted();
        free(entries, self.limits.entries) && free(bytes, self.limits.bytes)
    }

    /// How many entries and bytes there are.
    pub(crate) fn counted(&self) -> (usize, usize) {
        (self.entries.load(Ordering::Acquire), self.bytes.load(Ordering::Acquire))
    }
}
