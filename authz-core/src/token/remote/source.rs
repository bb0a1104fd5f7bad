//! The keys of an issuer as requests see them: swapped under their hands, read without a lock.
//!
//! INVARIANT: at most one flight at a time, since only the task in `refresh` fetches; and at most
//! one flight for unknown keys within [`COOLING`], since only [`Flight::Ready`] starts one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use crate::token::compact::Compact;
use crate::token::error::TokenError;
use crate::token::header::Header;
use crate::token::key_set::KeySet;
use crate::token::keys::Refusal;

/// How long keys count as fresh.
pub(super) const FRESH: Duration = Duration::from_mins(10);
/// How long keys are used after they were fetched, if the issuer does not answer any more.
pub(super) const USABLE: Duration = Duration::from_hours(1);
/// How long unknown keys are refused without asking again, and how long a failed refresh waits.
pub(super) const COOLING: Duration = Duration::from_secs(30);

const BACKEND: &str = "the issuer's key server";

/// Keys that refresh themselves for as long as this lives.
pub(crate) struct RemoteKeys {
    shared: Arc<Shared>,
    landed: watch::Receiver<u64>,
    task: AbortHandle,
}

/// What readers and the refreshing task share.
pub(super) struct Shared {
    keys: ArcSwap<KeySet>,
    /// How often the keys have changed.
    generation: AtomicU64,
    /// Seconds since 1970: from here on the keys are too old.
    usable_until: AtomicU64,
    flight: AtomicU8,
    /// Wakes the task for a flight.
    pub(super) ask: Notify,
}

/// What a request with an unknown key may do. Kept as a number, to be compared and swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Flight {
    /// Start a flight.
    Ready,
    /// Wait for the flight that is under way.
    Flying,
    /// Nothing: there was a flight just now, and the key is not there.
    Landed,
    /// Nothing: there was a flight just now, and the issuer did not answer.
    Crashed,
}

impl Flight {
    const fn of(number: u8) -> Self {
        match number {
            0 => Self::Ready,
            1 => Self::Flying,
            2 => Self::Landed,
            _ => Self::Crashed,
        }
    }
}

impl RemoteKeys {
    pub(super) fn new(
        shared: Arc<Shared>,
        landed: watch::Receiver<u64>,
        task: AbortHandle,
    ) -> Self {
        Self { shared, landed, task }
    }

    /// Checks a signature with the keys of this moment; the result is their generation.
    pub(crate) fn verify_signature(
        &self,
        token: &Compact<'_>,
        header: &Header<'_>,
        now: u64,
    ) -> Result<u64, Refusal<'_>> {
        // INVARIANT: the flight before the keys. Once it has landed, the keys are those that it
        // brought; asked afterwards, it may have landed with a key that was not there a moment ago.
        let flight = self.shared.flight();
        if now >= self.shared.usable_until.load(Ordering::Acquire) {
            return Err(self.refusal(flight, TokenError::Unavailable { backend: BACKEND }));
        }
        // The generation first: keys that come in between are then taken for the older ones, and
        // what is remembered of them is forgotten a moment early.
        let generation = self.shared.generation.load(Ordering::Acquire);
        match self.shared.keys.load().verify_signature(token, header) {
            Ok(()) => Ok(generation),
            Err(TokenError::UnknownKey) => Err(self.refusal(flight, TokenError::UnknownKey)),
            Err(error) => Err(error.into()),
        }
    }

    /// The refusal for want of a key: a flight where there may be one, else the error.
    fn refusal(&self, flight: Flight, error: TokenError) -> Refusal<'_> {
        match flight {
            Flight::Ready | Flight::Flying => Refusal::Keys(self),
            Flight::Landed => Refusal::Token(error),
            Flight::Crashed => Refusal::Token(TokenError::Unavailable { backend: BACKEND }),
        }
    }

    /// Whether what was found out with the keys of a generation still counts.
    pub(crate) fn is_current(&self, generation: u64, now: u64) -> bool {
        generation == self.shared.generation.load(Ordering::Acquire)
            && now < self.shared.usable_until.load(Ordering::Acquire)
    }

    /// What to say when a flight did not help.
    #[expect(clippy::unused_self, reason = "reads as a question about these keys")]
    pub(crate) fn gone(&self) -> TokenError {
        TokenError::Unavailable { backend: BACKEND }
    }

    /// Waits for the flight that is under way, or starts one, if there may be one.
    pub(crate) async fn fly(&self) {
        // Before the question, so that a landing right after it is not missed.
        let mut landed = self.landed.clone();
        landed.mark_unchanged();
        if self.shared.join_flight() {
            // An error means that the task is gone, with its runtime: nothing will ever land.
            let _ = landed.changed().await;
        }
    }
}

impl Drop for RemoteKeys {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeys")
            .field("keys", &self.shared.keys.load())
            .field("generation", &self.shared.generation)
            .field("flight", &self.shared.flight())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// No keys yet.
    pub(super) fn new() -> Self {
        Self {
            keys: ArcSwap::from_pointee(KeySet::none()),
            generation: AtomicU64::new(0),
            usable_until: AtomicU64::new(0),
            flight: AtomicU8::new(Flight::Ready as u8),
            ask: Notify::new(),
        }
    }

    pub(super) fn has_no_keys(&self) -> bool {
        self.keys.load().len() == 0
    }

    pub(super) fn flight(&self) -> Flight {
        Flight::of(self.flight.load(Ordering::Acquire))
    }

    pub(super) fn set_flight(&self, flight: Flight) {
        self.flight.store(flight as u8, Ordering::Release);
    }

    /// Whether there is a flight to wait for; starts one if there may be one.
    fn join_flight(&self) -> bool {
        let asked = self.flight.compare_exchange(
            Flight::Ready as u8,
            Flight::Flying as u8,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        match asked {
            Ok(_) => {
                self.ask.notify_one();
                true
            }
            Err(other) => Flight::of(other) == Flight::Flying,
        }
    }

    /// Puts new keys in place. INVARIANT: the keys change before their generation.
    pub(super) fn change(&self, keys: KeySet) {
        self.keys.store(Arc::new(keys));
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Says until when the keys may be used, in seconds since 1970.
    pub(super) fn use_until(&self, time: u64) {
        self.usable_until.store(time, Ordering::Release);
    }
}
