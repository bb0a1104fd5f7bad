//! The number that changes with each revocation. Modelled in `tests/models`.
//!
//! INVARIANT: a revocation is there before the number changes, and the number is read before the
//! revocations are. So what is found for a number holds at least as long as the number does.

use crate::sync::{AtomicBool, AtomicU64, Ordering};

/// The number, and whether everything that is revoked is known here.
#[derive(Debug)]
pub(crate) struct Epoch {
    number: AtomicU64,
    known: AtomicBool,
}

/// Why something does not count as unrevoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// It is revoked.
    Yes,
    /// Not everything that is revoked is known.
    Perhaps,
}

impl Epoch {
    pub(crate) fn new() -> Self {
        Self { number: AtomicU64::new(0), known: AtomicBool::new(true) }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Puts a revocation in force.
    pub(crate) fn revoke(&self, insert: impl FnOnce()) {
        insert();
        self.number.fetch_add(1, Ordering::AcqRel);
    }

    /// Says whether everything that is revoked is known here.
    #[allow(dead_code, reason = "the memory of one process always does; nodes that share it don't")]
    pub(crate) fn set_known(&self, known: bool) {
        if self.known.swap(known, Ordering::AcqRel) != known {
            self.number.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// The number for which something is not revoked, by a look at the revocations.
    pub(crate) fn unrevoked(&self, is_revoked: impl FnOnce() -> bool) -> Result<u64, Revoked> {
        // First, so that what comes in between is looked at the next time.
        let number = self.number();
        if !self.known.load(Ordering::Acquire) {
            return Err(Revoked::Perhaps);
        }
        if is_revoked() {
            return Err(Revoked::Yes);
        }
        Ok(number)
    }
}
