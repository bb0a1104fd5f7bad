//! Where the time comes from: the system, or a hand that a test moves.

use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Clone, Debug, Default)]
pub(crate) enum Clock {
    #[default]
    System,
    #[cfg(feature = "testing")]
    Test(authz_core::testing::Clock),
}

impl Clock {
    /// Seconds since 1970. A clock before 1970 reads as the end of time: everything has expired.
    pub(crate) fn now(&self) -> i64 {
        let seconds = match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(u64::MAX, |elapsed| elapsed.as_secs()),
            #[cfg(feature = "testing")]
            Self::Test(clock) => clock.now(),
        };
        i64::try_from(seconds).unwrap_or(i64::MAX)
    }
}
