//! Hits on remembered tokens beside what ends them, and the room that is counted.

#[path = "../../../authz-core/src/token/cache/room.rs"]
mod room;
#[path = "../../../authz-core/src/token/cache/standing.rs"]
mod standing;

use loom::thread;

use crate::keys::Keys;
use crate::revocation::{Revocations, Revoked};
use crate::sync::{Arc, AtomicBool, AtomicU64, AtomicUsize, Ordering, watch};
use room::{Limits, Room};
use standing::Standing;

const NOW: u64 = 10;
const UNTIL: u64 = 20;

/// A verifier and one token that it verified, which is signed with a key of edition 0 that edition 1
/// doesn't have any more: `Inner::verify` and `Inner::remembered` without the token.
struct World {
    now: AtomicU64,
    keys: Arc<Keys>,
    revocations: Arc<Revocations>,
    _task: watch::Sender<u64>,
}

impl World {
    fn new() -> Arc<Self> {
        let (keys, task) = Keys::new();
        let revocations = Revocations::new();
        Arc::new(Self { now: AtomicU64::new(NOW), keys, revocations, _task: task })
    }

    /// Every check; the result is what is remembered.
    fn verify(&self) -> Option<Standing> {
        let now = self.now.load(Ordering::Acquire);
        let (generation, edition) = self.keys.look(now)?;
        if edition != 0 || now >= UNTIL {
            return None;
        }
        let epoch = self.revocations.unrevoked().ok()?;
        Some(Standing::new(now, UNTIL, generation, epoch))
    }

    fn hit(&self, standing: &Standing) -> Option<Result<(), Revoked>> {
        let now = self.now.load(Ordering::Acquire);
        standing.recheck(
            now,
            |generation| self.keys.is_current(generation, now),
            || self.revocations.number(),
            || self.revocations.unrevoked(),
        )
    }
}

/// What another thread does to a world.
fn meanwhile(world: &Arc<World>, act: fn(&World)) -> thread::JoinHandle<()> {
    let world = Arc::clone(world);
    thread::spawn(move || act(&world))
}

/// A hit after the act, with other hits and the verification itself while it is done.
fn after(act: fn(&World)) -> Option<Result<(), Revoked>> {
    let world = World::new();
    let other = meanwhile(&world, act);
    let verified = world.verify();
    let during = verified.as_ref().and_then(|standing| world.hit(standing));
    other.join().unwrap();
    // Refused while it was verified, or refused when it was hit: it is not asked for again.
    let standing = verified.filter(|_| during != Some(Err(Revoked::Yes)))?;
    world.hit(&standing)
}

#[test]
fn a_token_that_is_revoked_is_refused_from_then_on() {
    loom::model(|| {
        let hit = after(|world| world.revocations.revoke());
        assert!(matches!(hit, None | Some(Err(Revoked::Yes))), "{hit:?}");
    });
}

#[test]
fn a_token_is_refused_once_a_revocation_beside_another_is_there() {
    loom::model(|| {
        let world = World::new();
        let standing = Arc::new(world.verify().unwrap());
        assert_eq!(standing.until(), UNTIL);
        let other = meanwhile(&world, |world| world.revocations.revoke_other());
        let reader = {
            let (world, standing) = (Arc::clone(&world), Arc::clone(&standing));
            thread::spawn(move || world.hit(&standing))
        };
        world.revocations.revoke();
        assert_eq!(world.hit(&standing), Some(Err(Revoked::Yes)));
        other.join().unwrap();
        let read = reader.join().unwrap();
        assert!(matches!(read, Some(Ok(()) | Err(Revoked::Yes))), "{read:?}");
        assert_eq!(world.hit(&standing), Some(Err(Revoked::Yes)));
    });
}

#[test]
fn nothing_counts_once_the_store_of_revocations_is_lost() {
    loom::model(|| {
        let hit = after(|world| world.revocations.lose());
        assert!(matches!(hit, None | Some(Err(Revoked::Perhaps))), "{hit:?}");
    });
}

#[test]
fn a_token_is_verified_anew_once_its_keys_are_replaced() {
    loom::model(|| assert_eq!(after(|world| world.keys.publish(1)), None));
}

#[test]
fn a_token_is_verified_anew_once_its_time_is_over() {
    loom::model(|| {
        assert_eq!(after(|world| world.now.store(UNTIL, Ordering::Release)), None);
    });
}

#[test]
fn what_is_counted_is_what_is_held_and_never_more_than_there_is_room_for() {
    loom::model(|| {
        let room = Arc::new(Room::new(Limits { entries: 1, bytes: 3 }));
        let held = Arc::new(AtomicUsize::new(0));
        let insert = |cost| {
            let (room, held) = (Arc::clone(&room), Arc::clone(&held));
            move || {
                let fits = room.reserve(cost);
                if fits {
                    assert_eq!(held.fetch_add(1, Ordering::AcqRel), 0, "more than one");
                }
                fits
            }
        };
        let other = thread::spawn(insert(2));
        let ours = insert(3)();
        let theirs = other.join().unwrap();
        let bytes = if ours { 3 } else { 0 } + if theirs { 2 } else { 0 };
        assert_eq!(room.counted(), (usize::from(ours) + usize::from(theirs), bytes));
        assert_eq!(room.is_ample(), !ours && !theirs);
        assert!(ours || theirs || room.reserve(3), "room is lost");
    });
}

#[test]
fn one_thread_makes_room_and_nobody_waits_for_it() {
    loom::model(|| {
        let room = Arc::new(Room::new(Limits { entries: 1, bytes: 1 }));
        let sweeping = Arc::new(AtomicBool::new(false));
        let sweep = || {
            let (room, sweeping) = (Arc::clone(&room), Arc::clone(&sweeping));
            move || {
                room.make(|| {
                    assert!(!sweeping.swap(true, Ordering::Relaxed), "two at once");
                    sweeping.store(false, Ordering::Relaxed);
                });
            }
        };
        let other = thread::spawn(sweep());
        sweep()();
        other.join().unwrap();
        let mut swept = false;
        room.make(|| swept = true);
        assert!(swept, "nobody can make room any more");
    });
}
