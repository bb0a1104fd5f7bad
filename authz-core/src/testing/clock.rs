//! A clock that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A clock that stands still until it is moved.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use authz_core::testing::Clock;
///
/// let clock = Clock::at(1_700_000_000);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), 1_700_000_060);
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    seconds: Arc<AtomicU64>,
}

impl Clock {
    /// A clock that shows so many seconds since 1970.
    #[must_use]
    pub fn at(seconds: u64) -> Self {
        Self { seconds: Arc::new(AtomicU64::new(seconds)) }
    }

    /// The time it shows, in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.seconds.load(Ordering::Relaxed)
    }

    /// Moves it forward, by whole seconds.
    pub fn advance(&self, time: Duration) {
        self.seconds.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    /// Sets it to so many seconds since 1970.
    pub fn set(&self, seconds: u64) {
        self.seconds.store(seconds, Ordering::Relaxed);
    }

    pub(crate) fn source(&self) -> crate::clock::Clock {
        crate::clock::Clock::Set(Arc::clone(&self.seconds))
    }
}
