//! Where the time of a check comes from: the system, or a hand that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A source of the current time in whole seconds since 1970.
#[derive(Clone, Debug, Default)]
pub(crate) enum Clock {
    #[default]
    System,
    #[cfg_attr(
        not(any(test, feature = "testing")),
        expect(dead_code, reason = "tests set the time")
    )]
    Set(Arc<AtomicU64>),
}

impl Clock {
    /// The current time. A system clock before 1970 reads as the end of time, so that every
    /// token has expired: deny on doubt.
    pub(crate) fn now(&self) -> u64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(u64::MAX, |elapsed| elapsed.as_secs()),
            Self::Set(seconds) => seconds.load(Ordering::Relaxed),
        }
    }

    /// The current time since 1970, as exactly as it is known.
    pub(crate) fn precisely(&self) -> Duration {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or(Duration::from_secs(u64::MAX)),
            Self::Set(seconds) => Duration::from_secs(seconds.load(Ordering::Relaxed)),
        }
    }
}
