//! The thread that writes the log of decisions, and the signals between it and requests.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::decision::Decision;
use super::record::{Dropped, FORMAT, timestamp};
use crate::metrics;

/// How long the writer lets records come together once there is one: so many writes and wake-ups
/// there are in a second at most.
const GATHER: Duration = Duration::from_millis(5);
/// As many bytes are written at once.
const CHUNK: usize = 64 * 1024;

/// What requests and the writer tell each other.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// The writer, once it runs.
    thread: OnceLock<Thread>,
    /// Whether the writer waits for a record.
    asleep: AtomicBool,
    /// Whether nothing more will come.
    stopped: AtomicBool,
    /// Dropped since the last line that says so.
    dropped: AtomicU64,
    dropped_in_all: AtomicU64,
    flushes: Mutex<Flushes>,
    flushed: Condvar,
}

#[derive(Debug, Default)]
struct Flushes {
    wanted: u64,
    done: u64,
    /// Whether the writer is gone.
    over: bool,
}

impl Signals {
    pub(super) fn begin(&self, thread: Thread) {
        // It is called once.
        let _ = self.thread.set(thread);
    }

    /// Wakes the writer, if it waits: a system call, for the first record in a while alone.
    #[inline]
    pub(super) fn wake(&self) {
        // The order is that of all: either this sees that the writer waits, or the writer, before it
        // does, sees the record.
        if self.asleep.load(Ordering::SeqCst) && self.asleep.swap(false, Ordering::SeqCst) {
            self.unpark();
        }
    }

    fn unpark(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    #[cold]
    pub(super) fn drop_one(&self) {
        self.drop_many(1);
        metrics::decision_dropped();
    }

    fn drop_many(&self, records: u64) {
        self.dropped.fetch_add(records, Ordering::Relaxed);
        self.dropped_in_all.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn dropped_in_all(&self) -> u64 {
        self.dropped_in_all.load(Ordering::Relaxed)
    }

    /// Waits until the writer has written all that was sent before.
    pub(super) fn flush(&self) {
        // The writer can't wait for itself. It gets here with the last owner of a log.
        if self.thread.get().is_some_and(|writer| writer.id() == thread::current().id()) {
            return;
        }
        let mut flushes = self.flushes.lock().unwrap_or_else(PoisonError::into_inner);
        flushes.wanted += 1;
        let mine = flushes.wanted;
        self.unpark();
        while flushes.done < mine && !flushes.over {
            flushes = self.flushed.wait(flushes).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.unpark();
    }

    fn wanted(&self) -> u64 {
        self.flushes.lock().unwrap_or_else(PoisonError::into_inner).wanted
    }

    fn is_flush_wanted(&self) -> bool {
        let flushes = self.flushes.lock().unwrap_or_else(PoisonError::into_inner);
        flushes.done < flushes.wanted
    }

    fn done(&self, flush: u64) {
        let mut flushes = self.flushes.lock().unwrap_or_else(PoisonError::into_inner);
        flushes.done = flushes.done.max(flush);
        self.flushed.notify_all();
    }

    fn over(&self) {
        self.flushes.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        self.flushed.notify_all();
    }
}

/// The writer's side.
pub(super) struct Writer<W> {
    target: W,
    received: Receiver<Decision>,
    signals: Arc<Signals>,
    /// How many records the queue has room for.
    room: usize,
    lines: Vec<u8>,
    /// How many records are in `lines`.
    count: u64,
    /// Whether the last line in the target has no end.
    torn: bool,
    /// Whether the last write failed.
    failing: bool,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(
        target: W,
        torn: bool,
        received: Receiver<Decision>,
        room: usize,
        signals: Arc<Signals>,
    ) -> Self {
        let lines = Vec::with_capacity(CHUNK);
        Self { target, received, signals, room, lines, count: 0, torn, failing: false }
    }

    /// Writes until nothing more will come.
    pub(super) fn run(mut self) {
        let signals = Arc::clone(&self.signals);
        // Also where this ends by a panic: nobody waits for a writer that is gone.
        let _end = End(&signals);
        loop {
            let (flush, stopped) = (signals.wanted(), signals.stopped.load(Ordering::SeqCst));
            self.drain();
            self.write();
            signals.done(flush);
            if stopped {
                return;
            }
            self.wait();
        }
    }

    /// Takes what there is, and writes it where it is much. What was sent before is among the first
    /// that the queue has room for: whoever waits for it does not wait for all that follows.
    fn drain(&mut self) {
        for _ in 0..=self.room {
            match self.received.try_recv() {
                Ok(decision) => self.add(&decision),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
            if self.lines.len() >= CHUNK {
                self.write();
            }
        }
    }

    fn add(&mut self, decision: &Decision) {
        self.lines.extend_from_slice(decision.to_json().as_bytes());
        self.lines.push(b'\n');
        self.count += 1;
    }

    /// Waits for a record, and then a little for those that come with it.
    fn wait(&mut self) {
        let signals = &self.signals;
        let called = || signals.stopped.load(Ordering::SeqCst) || signals.is_flush_wanted();
        signals.asleep.store(true, Ordering::SeqCst);
        if let Ok(decision) = self.received.try_recv() {
            signals.asleep.store(false, Ordering::SeqCst);
            self.add(&decision);
        } else {
            // A park may end for no reason.
            while signals.asleep.load(Ordering::SeqCst) && !called() {
                thread::park();
            }
            signals.asleep.store(false, Ordering::SeqCst);
        }
        if !(self.signals.stopped.load(Ordering::SeqCst) || self.signals.is_flush_wanted()) {
            thread::park_timeout(GATHER);
        }
    }

    fn write(&mut self) {
        let dropped = self.signals.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            self.add_dropped(dropped);
        }
        if self.lines.is_empty() {
            return;
        }
        if self.torn {
            self.lines.insert(0, b'\n');
        }
        let written = self.target.write_all(&self.lines).and_then(|()| self.target.flush());
        match written {
            Ok(()) => (self.torn, self.failing) = (false, false),
            Err(error) => self.fail(dropped, &error),
        }
        self.lines.clear();
        self.count = 0;
    }

    fn add_dropped(&mut self, dropped: u64) {
        // A clock before 1970 is no time to tell.
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let line = Dropped { format: FORMAT, at: timestamp(at), dropped };
        self.lines.extend(serde_json::to_vec(&line).unwrap_or_default());
        self.lines.push(b'\n');
    }

    /// Counts what could not be written; a part of it may have been.
    #[cold]
    fn fail(&mut self, dropped: u64, error: &std::io::Error) {
        if !self.failing {
            tracing::error!(target: "authz::decisions", %error, "decisions can't be written");
        }
        (self.torn, self.failing) = (true, true);
        self.signals.dropped.fetch_add(dropped, Ordering::Relaxed);
        self.signals.drop_many(self.count);
        for _ in 0..self.count {
            metrics::decision_dropped();
        }
    }
}

struct End<'a>(&'a Signals);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.over();
    }
}
