//! Revocations, and the number that tells of them.

#[path = "../../../authz-core/src/token/revocation/epoch.rs"]
mod epoch;

use loom::thread;

use crate::sync::{Arc, AtomicBool, Ordering};
use epoch::Epoch;
pub(crate) use epoch::Revoked;

/// The revocations of one token and of another, as `Revocations` holds them: in a map without any
/// order of its own.
pub(crate) struct Revocations {
    epoch: Epoch,
    ours: AtomicBool,
    other: AtomicBool,
}

impl Revocations {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            epoch: Epoch::new(),
            ours: AtomicBool::new(false),
            other: AtomicBool::new(false),
        })
    }

    pub(crate) fn number(&self) -> u64 {
        self.epoch.number()
    }

    pub(crate) fn unrevoked(&self) -> Result<u64, Revoked> {
        self.epoch.unrevoked(|| self.ours.load(Ordering::Relaxed))
    }

    pub(crate) fn revoke(&self) {
        self.epoch.revoke(|| self.ours.store(true, Ordering::Relaxed));
    }

    pub(crate) fn revoke_other(&self) {
        self.epoch.revoke(|| self.other.store(true, Ordering::Relaxed));
    }

    pub(crate) fn lose(&self) {
        self.epoch.set_known(false);
    }
}

#[test]
fn what_is_found_for_a_number_holds_for_as_long_as_the_number() {
    loom::model(|| {
        let revocations = Revocations::new();
        let revoker = {
            let revocations = Arc::clone(&revocations);
            thread::spawn(move || revocations.revoke())
        };
        let found = revocations.unrevoked();
        revoker.join().unwrap();
        match found {
            Ok(number) => assert_ne!(number, revocations.number()),
            Err(reason) => assert_eq!(reason, Revoked::Yes),
        }
    });
}

#[test]
fn revocations_at_once_are_told_apart() {
    loom::model(|| {
        let revocations = Revocations::new();
        let revoker = {
            let revocations = Arc::clone(&revocations);
            thread::spawn(move || revocations.revoke_other())
        };
        revocations.revoke();
        revoker.join().unwrap();
        assert_eq!(revocations.number(), 2);
    });
}

#[test]
fn a_store_that_is_lost_is_doubted_from_then_on() {
    loom::model(|| {
        let revocations = Revocations::new();
        let loser = {
            let revocations = Arc::clone(&revocations);
            thread::spawn(move || revocations.lose())
        };
        let found = revocations.unrevoked();
        loser.join().unwrap();
        match found {
            Ok(number) => assert_ne!(number, revocations.number()),
            Err(reason) => assert_eq!(reason, Revoked::Perhaps),
        }
        assert_eq!(revocations.unrevoked(), Err(Revoked::Perhaps));
    });
}
