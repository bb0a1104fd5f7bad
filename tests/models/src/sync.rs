//! What threads share, as loom sees it: the names of `authz-core/src/sync.rs`.
//!
//! Of arc-swap and tokio here is what the modelled files use, with the orderings that these promise
//! and no stronger ones. That they keep their promises is for their own models to show.

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};

use std::future::poll_fn;
use std::task::{Poll, Waker};

use loom::sync::Mutex;

/// For arc-swap's: a load acquires what a store released.
pub(crate) struct ArcSwap<T> {
    current: AtomicUsize,
    /// Every version there was. Not loom's mutex, since nothing may meet here that doesn't meet there.
    versions: std::sync::Mutex<Vec<Arc<T>>>,
}

impl<T> ArcSwap<T> {
    pub(crate) fn from_pointee(value: T) -> Self {
        Self {
            current: AtomicUsize::new(0),
            versions: std::sync::Mutex::new(vec![Arc::new(value)]),
        }
    }

    pub(crate) fn load(&self) -> Arc<T> {
        let current = self.current.load(Ordering::Acquire);
        self.versions.lock().unwrap()[current].clone()
    }

    pub(crate) fn store(&self, value: Arc<T>) {
        let next = {
            let mut versions = self.versions.lock().unwrap();
            versions.push(value);
            versions.len() - 1
        };
        self.current.store(next, Ordering::Release);
    }
}

/// For tokio's: one permit, which the next who waits takes.
pub(crate) struct Notify {
    state: Mutex<(bool, Option<Waker>)>,
}

impl Notify {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new((false, None)) }
    }

    pub(crate) fn notify_one(&self) {
        let waker = {
            let mut state = self.state.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    pub(crate) async fn notified(&self) {
        poll_fn(|context| {
            let mut state = self.state.lock().unwrap();
            if std::mem::take(&mut state.0) {
                return Poll::Ready(());
            }
            state.1 = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// For tokio's: a value whose changes are told, as far as the modelled files look at it.
pub(crate) mod watch {
    use std::marker::PhantomData;

    use super::{Arc, AtomicU64, Mutex, Ordering, Poll, Waker, poll_fn};

    /// The bit that says that there is no sender any more.
    const CLOSED: u64 = 1;
    const STEP: u64 = 2;

    struct Channel {
        version: AtomicU64,
        waiting: Mutex<Vec<Waker>>,
    }

    pub(crate) struct Sender<T> {
        channel: Arc<Channel>,
        value: PhantomData<T>,
    }

    pub(crate) struct Receiver<T> {
        channel: Arc<Channel>,
        seen: u64,
        value: PhantomData<T>,
    }

    pub(crate) fn channel() -> (Sender<u64>, Receiver<u64>) {
        let channel =
            Arc::new(Channel { version: AtomicU64::new(0), waiting: Mutex::new(Vec::new()) });
        let sender = Sender { channel: Arc::clone(&channel), value: PhantomData };
        (sender, Receiver { channel, seen: 0, value: PhantomData })
    }

    impl Channel {
        fn tell(&self, change: u64) {
            self.version.fetch_add(change, Ordering::Release);
            let wakers = std::mem::take(&mut *self.waiting.lock().unwrap());
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    impl Sender<u64> {
        pub(crate) fn send_modify(&self, modify: impl FnOnce(&mut u64)) {
            modify(&mut 0);
            self.channel.tell(STEP);
        }
    }

    impl<T> Drop for Sender<T> {
        fn drop(&mut self) {
            self.channel.tell(CLOSED);
        }
    }

    impl<T> Clone for Receiver<T> {
        fn clone(&self) -> Self {
            Self { channel: Arc::clone(&self.channel), seen: self.seen, value: PhantomData }
        }
    }

    impl<T> Receiver<T> {
        pub(crate) fn mark_unchanged(&mut self) {
            self.seen = self.channel.version.load(Ordering::Acquire) & !CLOSED;
        }

        /// The next change after the last one that was seen; an error once the sender is gone.
        pub(crate) async fn changed(&mut self) -> Result<(), ()> {
            poll_fn(|context| {
                self.channel.waiting.lock().unwrap().push(context.waker().clone());
                let version = self.channel.version.load(Ordering::Acquire);
                if version & !CLOSED != self.seen {
                    self.seen = version & !CLOSED;
                    return Poll::Ready(Ok(()));
                }
                if version & CLOSED == CLOSED { Poll::Ready(Err(())) } else { Poll::Pending }
            })
            .await
        }
    }
}
