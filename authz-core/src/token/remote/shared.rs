//! What requests and the refreshing task share: keys that are swapped under the hands of readers who
//! take no lock, and the one flight that brings others. Modelled in `tests/models`.
//!
//! INVARIANT: at most one flight at a time, since only the task fetches; and at most one flight for
//! unknown keys between two [`cool`](Shared::cool), since only [`Flight::Ready`] starts one.

use crate::sync::{Arc, ArcSwap, AtomicU8, AtomicU64, Notify, Ordering, watch};

/// Keys, and what is known about them.
pub(super) struct Shared<K> {
    keys: ArcSwap<K>,
    /// How often the keys have changed.
    generation: AtomicU64,
    /// Seconds since 1970: from here on the keys are too old.
    usable_until: AtomicU64,
    flight: AtomicU8,
    /// Wakes the task for a flight.
    ask: Notify,
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

/// What a look at the keys found.
pub(super) struct Look<T> {
    /// As it was before the look.
    pub(super) flight: Flight,
    /// What the keys say, with their generation; nothing where they are too old.
    pub(super) said: Option<(u64, T)>,
}

/// As requests see it.
impl<K> Shared<K> {
    pub(super) fn new(keys: K) -> Self {
        Self {
            keys: ArcSwap::from_pointee(keys),
            generation: AtomicU64::new(0),
            usable_until: AtomicU64::new(0),
            flight: AtomicU8::new(Flight::Ready as u8),
            ask: Notify::new(),
        }
    }

    /// Asks the keys of this moment.
    pub(super) fn look<T>(&self, now: u64, ask: impl FnOnce(&K) -> T) -> Look<T> {
        // INVARIANT: the flight before the keys. Once it has landed, the keys are those that it
        // brought; asked afterwards, it may have landed with a key that was not there a moment ago.
        let flight = self.flight();
        if now >= self.usable_until.load(Ordering::Acquire) {
            return Look { flight, said: None };
        }
        // The generation first: keys that come in between are then taken for the older ones, and
        // what is remembered of them is forgotten a moment early.
        let generation = self.generation.load(Ordering::Acquire);
        Look { flight, said: Some((generation, self.ask(ask))) }
    }

    /// Asks the keys, however old they are.
    pub(super) fn ask<T>(&self, ask: impl FnOnce(&K) -> T) -> T {
        ask(&self.keys.load())
    }

    /// Whether what was found out with the keys of a generation still counts.
    pub(super) fn is_current(&self, generation: u64, now: u64) -> bool {
        generation == self.generation.load(Ordering::Acquire)
            && now < self.usable_until.load(Ordering::Acquire)
    }

    pub(super) fn flight(&self) -> Flight {
        Flight::of(self.flight.load(Ordering::Acquire))
    }

    /// Waits for the flight that is under way, or starts one, if there may be one.
    pub(super) async fn fly(&self, landed: &watch::Receiver<u64>) {
        // Before the question, so that a landing right after it is not missed.
        let mut landed = landed.clone();
        landed.mark_unchanged();
        if self.join_flight() {
            // An error means that the task is gone, with its runtime: nothing will ever land.
            let _ = landed.changed().await;
        }
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
}

/// As the refreshing task changes it.
impl<K> Shared<K> {
    /// Waits until somebody asks for a flight.
    pub(super) async fn asked(&self) {
        self.ask.notified().await;
    }

    /// Puts new keys in place. INVARIANT: the keys change before their generation.
    pub(super) fn change(&self, keys: K) {
        self.keys.store(Arc::new(keys));
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Says until when the keys may be used, in seconds since 1970.
    pub(super) fn use_until(&self, time: u64) {
        self.usable_until.store(time, Ordering::Release);
    }

    /// Ends the flight, after what it brought is in place: keys, then the state of the flight, then
    /// the news of its landing. INVARIANT: who sees the news, or [`Flight::Landed`], sees the keys.
    pub(super) fn land(&self, answered: bool, landed: &watch::Sender<u64>) {
        self.set_flight(if answered { Flight::Landed } else { Flight::Crashed });
        landed.send_modify(|landings| *landings += 1);
    }

    /// The issuer answers again, without having been asked for an unknown key.
    pub(super) fn answered(&self) {
        if self.flight() == Flight::Crashed {
            self.set_flight(Flight::Landed);
        }
    }

    /// There may be a flight again.
    pub(super) fn cool(&self) {
        self.set_flight(Flight::Ready);
    }

    fn set_flight(&self, flight: Flight) {
        self.flight.store(flight as u8, Ordering::Release);
    }
}
