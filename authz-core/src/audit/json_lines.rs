//! The log of decisions as a file of JSON lines.
//!
//! INVARIANT: a request never waits for the file. What the writer does not keep up with is dropped,
//! counted, and the count stands in the file.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::decision::Decision;
use super::log::Sink;
use super::writer::{Signals, Writer};

/// As many records wait for the writer unless it is said otherwise.
const DEFAULT_QUEUE: usize = 8192;
/// As many records can be made to wait: each takes about a quarter of a kilobyte, and keeps an
/// identity.
const QUEUE_LIMIT: usize = 1 << 20;

/// A file to which each decision is added as one line of JSON (`decision.schema.json`).
///
/// A thread writes it. Records wait for the thread in a queue; where that is full they are dropped,
/// and a line `{"format":1,"at":"…","dropped":17}` says how many are not there. The thread goes to
/// work a few milliseconds after the first record that waits, and takes all that have come.
///
/// On Unix a new file can be read and written by its owner alone: it says who did what. The file is
/// only added to, so that it can be rotated by copying and truncating it.
pub struct JsonLines {
    queue: SyncSender<Decision>,
    signals: Arc<Signals>,
    thread: Option<JoinHandle<()>>,
}

impl JsonLines {
    /// Adds to a file, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// When the file can't be opened, or the thread can't be started.
    pub fn append(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::with_queue(path, DEFAULT_QUEUE)
    }

    /// As [`append`](Self::append), with room for so many records that wait: 8192 otherwise, and at
    /// least one.
    ///
    /// # Errors
    ///
    /// When the file can't be opened, or the thread can't be started.
    pub fn with_queue(path: impl AsRef<Path>, records: usize) -> io::Result<Self> {
        let (file, torn) = open(path.as_ref())?;
        Self::start(file, torn, records)
    }

    /// A log that is written anywhere. `torn` says that the last line there has no end.
    pub(super) fn start(
        target: impl io::Write + Send + 'static,
        torn: bool,
        records: usize,
    ) -> io::Result<Self> {
        let room = records.clamp(1, QUEUE_LIMIT);
        let (queue, received) = sync_channel(room);
        let signals = Arc::new(Signals::default());
        let writer = Writer::new(target, torn, received, room, Arc::clone(&signals));
        let thread = Builder::new().name("authz-decisions".to_owned()).spawn(|| writer.run())?;
        signals.begin(thread.thread().clone());
        Ok(Self { queue, signals, thread: Some(thread) })
    }

    /// How many records were dropped so far, because they came faster than they could be written, or
    /// could not be written.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.signals.dropped_in_all()
    }
}

impl Sink for JsonLines {
    fn take(&self, decision: Decision) {
        match self.queue.try_send(decision) {
            Ok(()) => self.signals.wake(),
            Err(_) => self.signals.drop_one(),
        }
    }

    fn flush(&self) {
        self.signals.flush();
    }
}

impl Drop for JsonLines {
    fn drop(&mut self) {
        self.signals.stop();
        if let Some(thread) = self.thread.take() {
            // The last identity that knew the log may go with a record that the thread has written.
            if thread.thread().id() != std::thread::current().id() {
                // A thread that panicked has nothing more to write.
                let _ = thread.join();
            }
        }
    }
}

impl fmt::Debug for JsonLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}

/// The file, and whether its last line has no end: a process that was killed may leave one behind.
fn open(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    // What is no file, a pipe for example, has no end to look at.
    if !file.metadata()?.is_file() || file.seek(SeekFrom::End(0))? == 0 {
        return Ok((file, false));
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok((file, last != *b"\n"))
}
