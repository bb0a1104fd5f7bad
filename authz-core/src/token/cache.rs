//! Tokens that were verified, so that the next request with one costs no signature.
//!
//! INVARIANT: only tokens whose every check passed are in it, and what can change afterwards (time,
//! keys, revocations) is checked again with each hit, by [`Standing::recheck`].
//!
//! A lookup takes no lock. The hash is seeded with random bytes and kept beside the token, and a
//! token is compared only where all 64 bits of it are equal: neither collisions nor the time of a
//! comparison tell anything about the tokens inside. Absent on purpose: refused tokens, which
//! would let anybody fill it.

mod room;
mod standing;

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::available_parallelism;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;
use papaya::{Equivalent, HashMap};

use crate::identity::Identity;
use crate::policy::Policy;

pub(crate) use room::Limits;
use room::Room;
use standing::Standing;

/// How many tokens are remembered unless the verifier says otherwise.
pub(crate) const DEFAULT_ENTRIES: usize = 10_000;
/// How many bytes they may take unless the verifier says otherwise.
pub(crate) const DEFAULT_BYTES: usize = 64 * 1024 * 1024;

/// The most copies of an identity, so that threads with the same token don't write to the same
/// counter.
const COPIES: usize = 8;

/// What an entry takes beside its texts, generously.
const OVERHEAD: usize = 1024;

/// The verified tokens of one verifier.
pub(crate) struct TokenCache<P: Policy> {
    map: HashMap<Key, Entry<P>, AsItIs>,
    seed: (u64, SharedSeed),
    room: Room,
}

/// What is known about a token.
pub(crate) struct Entry<P: Policy> {
    identity: Identity<P>,
    copies: [OnceLock<Identity<P>>; COPIES],
    /// The place of the issuer in the verifier.
    pub(crate) issuer: usize,
    pub(crate) standing: Standing,
    /// Since the last sweep.
    used: AtomicBool,
    cost: usize,
}

/// A fresh entry to be inserted.
pub(crate) struct Fresh<P: Policy> {
    pub(crate) identity: Identity<P>,
    pub(crate) since: u64,
    pub(crate) until: u64,
    pub(crate) issuer: usize,
    pub(crate) generation: u64,
    pub(crate) epoch: u64,
}

impl<P: Policy> TokenCache<P> {
    /// An empty cache; `None` where the platform has no randomness for its seed.
    pub(crate) fn new(limits: Limits) -> Option<Self> {
        let (mut own, mut shared) = ([0; 8], [0; 8]);
        let random = SystemRandom::new();
        random.fill(&mut own).and_then(|()| random.fill(&mut shared)).ok()?;
        let shared = SharedSeed::from_u64(u64::from_ne_bytes(shared));
        Some(Self {
            map: HashMap::with_hasher(AsItIs),
            seed: (u64::from_ne_bytes(own), shared),
            room: Room::new(limits),
        })
    }

    /// What `judge` makes of the entry of this token.
    pub(crate) fn with<T>(
        &self,
        token: &[u8],
        judge: impl FnOnce(&Entry<P>) -> Option<T>,
    ) -> Option<T> {
        let guard = self.map.guard();
        let entry = self.map.get(&Probe { hash: self.hash(token), token }, &guard)?;
        if !entry.used.load(Ordering::Relaxed) {
            entry.used.store(true, Ordering::Relaxed);
        }
        judge(entry)
    }

    /// Remembers a token, unless there is no room for it.
    pub(crate) fn insert(&self, token: &str, fresh: Fresh<P>) {
        let cost = cost(token, &fresh.identity);
        if !self.room.reserve(cost) {
            self.room.make(|| self.sweep(fresh.since));
            if !self.room.reserve(cost) {
                return;
            }
        }
        let key = Key { hash: self.hash(token.as_bytes()), token: token.as_bytes().into() };
        let guard = self.map.guard();
        if let Some(replaced) = self.map.insert(key, Entry::new(fresh, cost), &guard) {
            self.room.release(replaced.cost);
        }
    }

    /// Makes room: first what has ended or was not used since the last sweep, then anything, until
    /// an eighth is free.
    fn sweep(&self, now: u64) {
        let guard = self.map.guard();
        for pass in [true, false] {
            for (key, entry) in self.map.iter(&guard) {
                let goes = if pass {
                    !entry.used.swap(false, Ordering::Relaxed) || entry.standing.until() <= now
                } else {
                    !self.room.is_ample()
                };
                if goes && let Some(removed) = self.map.remove(key, &guard) {
                    self.room.release(removed.cost);
                }
            }
        }
    }

    fn hash(&self, token: &[u8]) -> u64 {
        let (own, shared) = &self.seed;
        let mut hasher = FoldHasher::with_seed(*own, shared);
        hasher.write(token);
        hasher.finish()
    }

    #[cfg(test)]
    pub(crate) fn counted(&self) -> (usize, usize) {
        self.room.counted()
    }

    #[cfg(test)]
    pub(crate) fn held(&self) -> (usize, usize) {
        let map = self.map.pin();
        (map.len(), map.values().map(|entry| entry.cost).sum())
    }
}

impl<P: Policy> Entry<P> {
    fn new(fresh: Fresh<P>, cost: usize) -> Self {
        Self {
            identity: fresh.identity,
            copies: std::array::from_fn(|_| OnceLock::new()),
            issuer: fresh.issuer,
            standing: Standing::new(fresh.since, fresh.until, fresh.generation, fresh.epoch),
            // Not yet: who is seen once goes before who comes back.
            used: AtomicBool::new(false),
            cost,
        }
    }

    /// The identity, to be read.
    pub(crate) fn identity(&self) -> &Identity<P> {
        &self.identity
    }

    /// The identity, to be given away: a handle of the copy that this thread shares with few others.
    pub(crate) fn share(&self) -> Identity<P> {
        match self.copies.get(own_copy()) {
            Some(copy) => copy.get_or_init(|| self.identity.deep_copy()).clone(),
            None => self.identity.clone(),
        }
    }
}

/// Which copy this thread uses.
fn own_copy() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    const NONE: usize = usize::MAX;
    thread_local!(static OWN: Cell<usize> = const { Cell::new(NONE) });
    OWN.with(|own| match own.get() {
        NONE => {
            let next = NEXT.fetch_add(1, Ordering::Relaxed) % copies();
            own.set(next);
            next
        }
        copy => copy,
    })
}

/// How many copies of an identity are made at most: there may be more threads than run at once.
fn copies() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| available_parallelism().map_or(COPIES, Into::into).min(COPIES))
}

/// What a token may come to take, with every copy made.
fn cost<P: Policy>(token: &str, identity: &Identity<P>) -> usize {
    token.len() + OVERHEAD + (1 + copies()) * identity.size()
}

struct Key {
    hash: u64,
    token: Box<[u8]>,
}

struct Probe<'a> {
    hash: u64,
    token: &'a [u8],
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Hash for Probe<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.token == other.token
    }
}

impl Eq for Key {}

impl Equivalent<Key> for Probe<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        // INVARIANT: the whole seeded hash first, so that a guess never gets to the bytes.
        self.hash == key.hash && *self.token == *key.token
    }
}

/// Hashes a number that is a hash already.
#[derive(Clone, Copy, Default)]
struct AsItIs;

struct Number(u64);

impl BuildHasher for AsItIs {
    type Hasher = Number;

    fn build_hasher(&self) -> Number {
        Number(0)
    }
}

impl Hasher for Number {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Not called: keys write one number. Should one come to write more, it still counts.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Says how much is in it, and nothing of what.
impl<P: Policy> fmt::Debug for TokenCache<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("room", &self.room).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{COPIES, Entry, Fresh, Limits, OVERHEAD, TokenCache, copies, cost};
    use crate::danger::Vouched;
    use crate::fixture::policy::{Identity, Policy};

    fn identity(subject: &str) -> Identity {
        Vouched::new("issuer", subject, u64::MAX).build()
    }

    fn fresh(subject: &str, until: u64) -> Fresh<Policy> {
        Fresh { identity: identity(subject), since: 10, until, issuer: 0, generation: 0, epoch: 0 }
    }

    fn cache(entries: usize, bytes: usize) -> TokenCache<Policy> {
        TokenCache::new(Limits { entries, bytes }).unwrap()
    }

    fn subject(cache: &TokenCache<Policy>, token: &str) -> Option<String> {
        cache.with(token.as_bytes(), |entry: &Entry<Policy>| {
            Some(entry.share().subject().to_owned())
        })
    }

    #[test]
    fn a_token_finds_what_was_remembered_of_it_and_no_other_does() {
        let cache = cache(10, usize::MAX);
        cache.insert("a.b.c", fresh("ann", 100));
        cache.insert("a.b.d", fresh("bob", 100));
        assert_eq!(subject(&cache, "a.b.c").as_deref(), Some("ann"));
        assert_eq!(subject(&cache, "a.b.d").as_deref(), Some("bob"));
        for other in ["", "a", "a.b", "a.b.", "a.b.cc", "A.b.c", "a.b.e"] {
            assert_eq!(subject(&cache, other), None);
        }
        cache.insert("a.b.c", fresh("eve", 100));
        assert_eq!(subject(&cache, "a.b.c").as_deref(), Some("eve"));
        assert_eq!(cache.counted(), cache.held());
        assert_eq!(cache.held().0, 2);
    }

    #[test]
    fn no_more_entries_than_allowed_are_held() {
        let cache = cache(100, usize::MAX);
        for number in 0..10_000 {
            cache.insert(&number.to_string(), fresh("ann", 100));
            assert!(cache.held().0 <= 100);
        }
        assert_eq!(cache.counted(), cache.held());
    }

    #[test]
    fn no_more_bytes_than_allowed_are_held() {
        let one = cost("0000", &identity("ann"));
        let cache = cache(usize::MAX, 50 * one);
        for number in 0..1_000 {
            cache.insert(&format!("{number:04}"), fresh("ann", 100));
            assert!(cache.held().1 <= 50 * one);
        }
        assert!(cache.held().0 > 20);
        assert_eq!(cache.counted(), cache.held());
        // What is larger than everything allowed is not remembered, and throws nobody out for good.
        cache.insert(&"x".repeat(50 * one), fresh("ann", 100));
        assert_eq!(subject(&cache, &"x".repeat(50 * one)), None);
        assert_eq!(cache.counted(), cache.held());
    }

    #[test]
    fn what_has_ended_or_is_not_used_goes_first() {
        let cache = cache(8, usize::MAX);
        for number in 0..8 {
            cache.insert(&number.to_string(), fresh("ann", if number < 4 { 5 } else { 100 }));
        }
        for token in ["0", "6", "7"] {
            assert!(subject(&cache, token).is_some());
        }
        cache.insert("new", fresh("bob", 100));
        for (token, held) in
            [("0", false), ("1", false), ("4", false), ("6", true), ("7", true), ("new", true)]
        {
            assert_eq!(subject(&cache, token).is_some(), held, "{token}");
        }
    }

    #[test]
    fn counts_are_exact_whatever_threads_do_at_once() {
        let cache = Arc::new(cache(50, usize::MAX));
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let cache = Arc::clone(&cache);
                std::thread::spawn(move || {
                    for number in 0..5_000 {
                        let token = format!("{}", (number * 7 + thread * 3) % 200);
                        match subject(&cache, &token) {
                            Some(subject) => assert_eq!(subject, token),
                            None => cache.insert(&token, fresh(&token, 100)),
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(cache.counted(), cache.held());
        assert!(cache.held().0 <= 50);
    }

    #[test]
    fn no_more_copies_are_made_than_are_counted_however_many_threads_there_are() {
        let cache = Arc::new(cache(1, usize::MAX));
        cache.insert("a.b.c", fresh("ann", 100));
        for _ in 0..4 * COPIES {
            let cache = Arc::clone(&cache);
            std::thread::spawn(move || subject(&cache, "a.b.c")).join().unwrap();
        }
        let made = cache.with(b"a.b.c", |entry| {
            Some(entry.copies.iter().filter(|copy| copy.get().is_some()).count())
        });
        assert_eq!(made, Some(copies()));
        let counted = cost("", &identity("ann")) - OVERHEAD;
        assert_eq!(counted, (1 + copies()) * identity("ann").size());
    }

    #[test]
    fn seeds_differ_from_cache_to_cache() {
        assert_ne!(cache(1, 1).hash(b"a.b.c"), cache(1, 1).hash(b"a.b.c"));
    }
}
