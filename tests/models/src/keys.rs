//! The swap of keys under the hands of readers, and the one flight for an unknown key.

#[path = "../../../authz-core/src/token/remote/shared.rs"]
mod shared;

use loom::future::block_on;
use loom::model::Builder;
use loom::thread;

use crate::sync::{Arc, AtomicU64, Ordering, watch};
use shared::{Flight, Shared};

/// Any time before the keys are too old.
const NOW: u64 = 1;

/// A set of keys of two parts, written without any order of their own.
struct KeySet {
    first: AtomicU64,
    second: AtomicU64,
}

impl KeySet {
    fn edition(number: u64) -> Self {
        let keys = Self { first: AtomicU64::new(0), second: AtomicU64::new(0) };
        keys.first.store(number, Ordering::Relaxed);
        keys.second.store(number, Ordering::Relaxed);
        keys
    }

    /// The edition, if all of the set is of one.
    fn number(&self) -> u64 {
        let first = self.first.load(Ordering::Relaxed);
        assert_eq!(first, self.second.load(Ordering::Relaxed), "half a set of keys");
        first
    }
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// The generation of the keys that verified it.
    Accepted(u64),
    /// 401.
    UnknownKey,
    /// 503.
    Unavailable,
}

/// An issuer's keys as a verifier holds them: `source.rs` without signatures.
pub(crate) struct Keys {
    shared: Shared<KeySet>,
    landed: watch::Receiver<u64>,
}

impl Keys {
    /// Keys of edition 0.
    pub(crate) fn new() -> (Arc<Self>, watch::Sender<u64>) {
        let (sender, landed) = watch::channel();
        let shared = Shared::new(KeySet::edition(0));
        shared.use_until(u64::MAX);
        (Arc::new(Self { shared, landed }), sender)
    }

    /// The generation and the edition of the keys of this moment; nothing where they are too old.
    pub(crate) fn look(&self, now: u64) -> Option<(u64, u64)> {
        self.shared.look(now, KeySet::number).said
    }

    pub(crate) fn is_current(&self, generation: u64, now: u64) -> bool {
        self.shared.is_current(generation, now)
    }

    pub(crate) fn publish(&self, edition: u64) {
        self.shared.change(KeySet::edition(edition));
    }

    /// Whether a token is good that is signed with a key of this edition; `None` where there may be
    /// other keys in a moment.
    fn attempt(&self, edition: u64) -> Option<Answer> {
        let look = self.shared.look(NOW, |keys| keys.number() >= edition);
        match (look.said, look.flight) {
            (Some((generation, true)), _) => Some(Answer::Accepted(generation)),
            (_, Flight::Ready | Flight::Flying) => None,
            (Some((_, false)), Flight::Landed) => Some(Answer::UnknownKey),
            (_, Flight::Landed | Flight::Crashed) => Some(Answer::Unavailable),
        }
    }

    /// The same, with the flight that is waited for.
    fn verify(&self, edition: u64) -> Answer {
        self.attempt(edition).unwrap_or_else(|| {
            block_on(self.shared.fly(&self.landed));
            self.attempt(edition).unwrap_or(Answer::Unavailable)
        })
    }

    /// Whether somebody has asked for a flight since the last one.
    fn is_asked(&self) -> bool {
        let mut asked = std::pin::pin!(self.shared.asked());
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        asked.as_mut().poll(context).is_ready()
    }
}

/// Requests with a key of this edition, each in a thread of its own.
fn requests<const N: usize>(keys: &Arc<Keys>, edition: u64) -> [thread::JoinHandle<Answer>; N] {
    std::array::from_fn(|_| {
        let keys = Arc::clone(keys);
        thread::spawn(move || keys.verify(edition))
    })
}

fn answers<const N: usize>(requests: [thread::JoinHandle<Answer>; N]) -> [Answer; N] {
    requests.map(|request| request.join().unwrap())
}

/// With as many forced switches of threads in a run as find the known mistakes; loom tries the
/// orders without a bound where there are few of them.
fn bounded(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

#[test]
fn what_still_counts_in_the_end_was_found_with_the_last_whole_set() {
    loom::model(|| {
        let (keys, _task) = Keys::new();
        let reader = {
            let keys = Arc::clone(&keys);
            thread::spawn(move || [keys.look(NOW).unwrap(), keys.look(NOW).unwrap()])
        };
        keys.publish(1);
        keys.publish(2);
        let looks = reader.join().unwrap();
        assert!(looks[0].0 <= looks[1].0 && looks[0].1 <= looks[1].1, "back in time: {looks:?}");
        for (generation, edition) in looks {
            assert!(!keys.is_current(generation, NOW) || edition == 2, "{generation} {edition}");
        }
    });
}

#[test]
fn keys_that_are_too_old_verify_nothing_and_confirm_nothing() {
    loom::model(|| {
        let (keys, _task) = Keys::new();
        let old = {
            let keys = Arc::clone(&keys);
            thread::spawn(move || keys.shared.use_until(NOW))
        };
        let before = keys.look(NOW);
        old.join().unwrap();
        assert!(before.is_none_or(|(generation, _)| !keys.is_current(generation, NOW)));
        assert_eq!(keys.look(NOW), None);
    });
}

#[test]
fn one_flight_answers_everybody_who_has_the_new_key() {
    bounded(|| {
        let (keys, task) = Keys::new();
        let requests = requests::<2>(&keys, 1);
        block_on(keys.shared.asked());
        keys.publish(1);
        keys.shared.land(true, &task);
        for answer in answers(requests) {
            assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
        }
        assert!(!keys.is_asked(), "a second flight");
    });
}

#[test]
fn a_request_that_comes_while_a_flight_lands_is_not_refused_for_the_key_that_it_brings() {
    loom::model(|| {
        let (keys, task) = Keys::new();
        // An earlier flight is nobody's answer.
        keys.shared.land(true, &task);
        keys.shared.cool();
        let first = requests::<1>(&keys, 1);
        block_on(keys.shared.asked());
        keys.publish(1);
        keys.shared.land(true, &task);
        let [answer] = answers(first);
        assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
    });
}

#[test]
fn until_it_has_cooled_nobody_makes_a_second_flight_for_a_key_that_is_nowhere() {
    bounded(|| {
        let (keys, task) = Keys::new();
        let requests = requests::<2>(&keys, 1);
        block_on(keys.shared.asked());
        keys.shared.land(true, &task);
        for answer in answers(requests) {
            assert_eq!(answer, Answer::UnknownKey);
        }
        assert!(!keys.is_asked(), "a second flight");
        keys.shared.cool();
        assert_eq!(keys.attempt(1), None);
    });
}

#[test]
fn a_new_key_is_never_unknown_when_a_refresh_brings_it_after_a_flight_that_crashed() {
    loom::model(|| {
        let (keys, task) = Keys::new();
        let requests = requests::<1>(&keys, 1);
        block_on(keys.shared.asked());
        keys.shared.land(false, &task);
        keys.publish(1);
        keys.shared.answered();
        for answer in answers(requests) {
            assert_ne!(answer, Answer::UnknownKey);
        }
        assert_eq!(keys.attempt(1), Some(Answer::Accepted(1)));
        assert_eq!(keys.attempt(2), Some(Answer::UnknownKey));
    });
}

#[test]
fn who_waits_wakes_up_when_the_task_is_gone() {
    bounded(|| {
        let (keys, task) = Keys::new();
        let requests = requests::<2>(&keys, 1);
        drop(task);
        assert_eq!(answers(requests), [Answer::Unavailable; 2]);
    });
}
