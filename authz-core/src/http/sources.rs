//! The sources of a limit of failures, and how long each of them has to wait.
//!
//! The arithmetic is governor's (GCRA): for each source, one point in time up to which its failures
//! are not forgiven. Here is where these are kept, in a map whose readers take no lock.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use papaya::HashMap;

use super::head::RequestHead;
use super::limit::FailureLimit;
use crate::clock::Clock;
use crate::metrics;

/// The limit as a verifier sees it, whatever the sources are.
pub(super) trait Sources: Send + Sync {
    /// How long the source of a request has to wait; `None` if it needn't.
    fn wait(&self, head: RequestHead<'_>) -> Option<Duration>;

    /// Counts a failure of the source of a request.
    fn count(&self, head: RequestHead<'_>);
}

/// The sources by the keys that the application gives them.
pub(super) struct Table<K: Key, F> {
    source: F,
    limiter: RateLimiter<Question<K>, Store<K>, Time, StateInformationMiddleware>,
}

/// What a source can be known by.
pub(super) trait Key: Clone + Eq + Hash + Send + Sync + 'static {}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Key for K {}

impl<K, F> Table<K, F>
where
    K: Key,
    F: Fn(RequestHead<'_>) -> Option<K> + Send + Sync,
{
    pub(super) fn new(limit: FailureLimit, source: F, clock: &Clock) -> Self {
        let failures = NonZeroU32::new(limit.failures).unwrap_or(NonZeroU32::MIN);
        let interval = (limit.period / failures.get()).max(Duration::from_nanos(1));
        // Not zero, so this is the interval.
        let quota = Quota::with_period(interval).unwrap_or(Quota::per_second(failures));
        let store = Store::new(limit.sources, quota.replenish_interval());
        let limiter = RateLimiter::new(quota.allow_burst(failures), store, Time::of(clock));
        Self { source, limiter }
    }
}

impl<K, F> Sources for Table<K, F>
where
    K: Key,
    F: Fn(RequestHead<'_>) -> Option<K> + Send + Sync,
{
    fn wait(&self, head: RequestHead<'_>) -> Option<Duration> {
        let question = Question { source: Source((self.source)(head)), counts: false };
        let refused = self.limiter.check_key(&question).err()?;
        Some(refused.wait_time_from(governor::clock::Clock::now(self.limiter.clock())))
    }

    fn count(&self, head: RequestHead<'_>) {
        let question = Question { source: Source((self.source)(head)), counts: true };
        // Of failures at the same moment, those above the limit change nothing.
        let counted = self.limiter.check_key(&question);
        if counted.is_ok_and(|state| state.remaining_burst_capacity() == 0) {
            metrics::failure_limit_reached();
            tracing::warn!(target: "authz::limit", "a source failed too often and has to wait");
        }
    }
}

/// What is asked about a source: whether one more failure would fit, or to count it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Question<K> {
    source: Source<K>,
    counts: bool,
}

/// A source by its key. Requests without one come from the same source, all of them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Source<K>(Option<K>);

/// The time up to which the failures of each source are not forgiven, in nanoseconds.
pub(super) struct Store<K> {
    sources: HashMap<Source<K>, AtomicU64>,
    limit: usize,
    /// In which one failure is forgiven.
    interval: u64,
    /// Held while a source is added, so that there are never more than the limit.
    adding: Mutex<()>,
}

impl<K: Key> Store<K> {
    fn new(limit: usize, interval: Duration) -> Self {
        let interval = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        Self { sources: HashMap::new(), limit, interval, adding: Mutex::new(()) }
    }

    /// Counts the first failure of a source.
    fn add<T, E>(
        &self,
        source: &Source<K>,
        measure: impl Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    ) -> Result<T, E> {
        let sources = self.sources.pin();
        // Each change is whole, so what a panic of another thread left behind is fine.
        let adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = sources.get(source) {
            drop(adding);
            return replace(state, measure);
        }
        let (outcome, state) = measure(None)?;
        if sources.len() >= self.limit {
            // A first failure is forgiven one interval from now.
            self.make_room(state.as_u64().saturating_sub(self.interval));
        }
        sources.insert(source.clone(), AtomicU64::new(state.as_u64()));
        Ok(outcome)
    }

    /// Forgets those who have nothing to wait for, or the half that is nearest to it.
    ///
    /// INVARIANT: whoever holds `adding` calls this, and finds room for one more afterwards.
    #[cold]
    fn make_room(&self, now: u64) {
        let sources = self.sources.pin();
        sources.retain(|_, state| state.load(Ordering::Acquire) > now);
        if sources.len() < self.limit {
            return;
        }
        let mut states: Vec<u64> =
            sources.values().map(|state| state.load(Ordering::Acquire)).collect();
        states.sort_unstable();
        let mut surplus = states.len().div_ceil(2);
        let Some(last) = states.get(surplus.saturating_sub(1)).copied() else { return };
        let forgotten = surplus;
        sources.retain(|_, state| {
            let goes = surplus > 0 && state.load(Ordering::Acquire) <= last;
            surplus -= usize::from(goes);
            !goes
        });
        metrics::sources_forgotten(forgotten);
        tracing::warn!(target: "authz::limit", forgotten, "no room for more sources that failed");
    }
}

impl<K: Key> StateStore for Store<K> {
    type Key = Question<K>;

    fn measure_and_replace<T, F, E>(&self, question: &Question<K>, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let sources = self.sources.pin();
        let known = sources.get(&question.source);
        if !question.counts {
            let state = known.map(|state| state.load(Ordering::Acquire).into());
            return measure(state).map(|(outcome, _)| outcome);
        }
        match known {
            Some(state) => replace(state, measure),
            None => self.add(&question.source, measure),
        }
    }
}

fn replace<T, E>(
    state: &AtomicU64,
    measure: impl Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
) -> Result<T, E> {
    let mut known = state.load(Ordering::Acquire);
    loop {
        let (outcome, next) = measure(Some(known.into()))?;
        let (order, otherwise) = (Ordering::AcqRel, Ordering::Acquire);
        match state.compare_exchange_weak(known, next.as_u64(), order, otherwise) {
            Ok(_) => return Ok(outcome),
            Err(changed) => known = changed,
        }
    }
}

/// The time since the limit was made.
///
/// The system's clock can be set back, and then sources would wait for hours: this one can't.
#[derive(Clone, Debug)]
pub(super) enum Time {
    Steady(Instant),
    /// A clock that a test moves, and what it showed at first, in seconds.
    Set(Clock, u64),
}

impl Time {
    fn of(clock: &Clock) -> Self {
        match clock {
            Clock::System => Self::Steady(Instant::now()),
            Clock::Set(_) => Self::Set(clock.clone(), clock.now()),
        }
    }
}

impl governor::clock::Clock for Time {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let nanos = match self {
            Self::Steady(start) => u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX),
            Self::Set(clock, start) => {
                clock.now().saturating_sub(*start).saturating_mul(1_000_000_000)
            }
        };
        // Nothing is added to it that would go beyond the end: a period is a day at most.
        nanos.min(u64::MAX / 2).into()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    use governor::nanos::Nanos;
    use governor::state::StateStore as _;
    use http::Request;

    use super::{Clock, FailureLimit, Question, RequestHead, Source, Sources as _, Store, Table};

    fn source(head: RequestHead<'_>) -> Option<u64> {
        head.extensions().get::<u64>().copied()
    }

    fn from(source: u64) -> Request<()> {
        Request::builder().extension(source).body(()).unwrap()
    }

    /// A clock that stands still.
    fn clock() -> Clock {
        Clock::Set(Arc::new(AtomicU64::new(1_000_000)))
    }

    #[test]
    fn of_failures_in_many_threads_none_is_lost() {
        for lacking in [0, 1] {
            let limit = FailureLimit::new(800 + lacking, Duration::from_hours(24));
            let table = Table::new(limit, source, &clock());
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        let request = from(7);
                        (0..100).for_each(|_| table.count(RequestHead::of(&request)));
                    });
                }
            });
            let waits = table.wait(RequestHead::of(&from(7))).is_some();
            assert_eq!(waits, lacking == 0, "{lacking}");
        }
    }

    #[test]
    fn there_are_never_more_sources_than_said() {
        let interval = Duration::from_secs(20);
        let count = |store: &Store<u64>, number: u64| {
            let now = number * 10_000_000;
            let question = Question { source: Source(Some(number)), counts: true };
            let next = Nanos::from(now) + interval;
            store.measure_and_replace(&question, |_| Ok::<_, ()>(((), next))).unwrap();
        };
        for most in [1, 2, 3, 10, 1000] {
            let store = Store::new(most, interval);
            for number in 0..5000 {
                count(&store, number);
                let known = store.sources.len();
                assert!((1..=most).contains(&known), "{known} of {most}");
            }
        }
    }

    #[test]
    fn a_look_remembers_nobody_and_counts_nothing() {
        let limit = FailureLimit::new(1, Duration::from_mins(1));
        let table = Table::new(limit, source, &clock());
        for _ in 0..10 {
            assert_eq!(table.wait(RequestHead::of(&from(7))), None);
        }
        assert!(table.limiter.into_state_store().sources.is_empty());
    }
}
