//! The log as its writer keeps it: what is dropped, what a broken disk does, and who waits.
#![expect(unsafe_code, reason = "the link section of records, which other crates get by macro")]

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{Decision, JsonLines, Log, Sink};
use crate::danger::Vouched;
use crate::fixture::policy::{Identity, Policy, Role};
use crate::requires;

#[requires(role = "clerk", policy = crate::fixture::policy)]
fn place_order() {}

fn somebody(subject: &str) -> Identity {
    Vouched::<Policy>::new("gateway", subject, u64::MAX).role(Role::Clerk).build()
}

/// A decision about nobody in particular.
fn decision() -> Decision {
    let kept = Kept::default();
    let identity = somebody("ann");
    assert!(identity.recorded_in(&Log::to(kept.clone()).grants(1)).is_none());
    place_order(identity.authorize::<place_order>().unwrap());
    kept.0.lock().unwrap().pop().unwrap()
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Decision>>>);

impl Sink for Kept {
    fn take(&self, decision: Decision) {
        self.0.lock().unwrap().push(decision);
    }
}

/// A place to write that a test holds, lets go, and breaks.
struct Disk {
    written: Arc<Mutex<Vec<u8>>>,
    /// What each write does: all of it, or so many bytes and then an error.
    answers: Receiver<Option<usize>>,
    /// Told at the beginning of each write.
    writes: Sender<()>,
    /// What an error leaves to be said.
    broken: bool,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.broken) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let _ = self.writes.send(());
        let kept = match self.answers.recv() {
            Ok(Some(some)) => {
                self.broken = true;
                some.min(bytes.len())
            }
            Ok(None) | Err(_) => bytes.len(),
        };
        self.written.lock().unwrap().extend_from_slice(&bytes[..kept]);
        Ok(kept)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A log with room for so many records, and the hands of its disk.
struct Held {
    lines: JsonLines,
    written: Arc<Mutex<Vec<u8>>>,
    answers: Sender<Option<usize>>,
    writes: Receiver<()>,
}

fn held(room: usize) -> Held {
    let written = Arc::<Mutex<Vec<u8>>>::default();
    let ((answers, answered), (begun, writes)) = (channel(), channel());
    let disk =
        Disk { written: Arc::clone(&written), answers: answered, writes: begun, broken: false };
    Held { lines: JsonLines::start(disk, false, room).unwrap(), written, answers, writes }
}

impl Held {
    /// Closes the log, and reads what is on the disk.
    fn close(self) -> String {
        drop(self.answers);
        drop(self.lines);
        String::from_utf8(self.written.lock().unwrap().clone()).unwrap()
    }
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn what_the_writer_does_not_keep_up_with_is_dropped_and_the_count_is_in_the_file() {
    let held = held(4);
    held.lines.take(decision());
    // The writer has taken the first one, and its disk does not answer.
    held.writes.recv().unwrap();
    // INVARIANT of the log: this comes back, though nothing is written.
    for _ in 0..10 {
        held.lines.take(decision());
    }
    assert_eq!(held.lines.dropped(), 6);
    let text = held.close();
    let lines: Vec<_> = text.lines().map(parsed).collect();
    let dropped: Vec<_> = lines.iter().filter_map(|line| line["dropped"].as_u64()).collect();
    assert_eq!(dropped, [6]);
    assert_eq!(lines.len(), 1 + 4 + 1);
}

#[test]
fn a_writer_that_waits_is_woken_by_a_record() {
    let held = held(10);
    let woken = [(); 3].map(|()| {
        // Long enough for it to have gone to sleep.
        std::thread::sleep(std::time::Duration::from_millis(50));
        held.answers.send(None).unwrap();
        held.lines.take(decision());
        held.writes.recv_timeout(std::time::Duration::from_secs(5)).is_ok()
    });
    let lines = held.close().lines().count();
    assert_eq!((woken, lines), ([true; 3], 3), "it was written without a flush");
}

#[test]
fn a_disk_that_is_full_loses_what_it_was_given_and_says_how_much() {
    let held = held(100);
    for _ in 0..3 {
        held.lines.take(decision());
    }
    held.writes.recv().unwrap();
    // A line and a half.
    let half = decision().to_json().len() * 3 / 2;
    held.answers.send(Some(half)).unwrap();
    held.answers.send(None).unwrap();
    held.lines.flush();
    let lost = held.lines.dropped();
    assert!(lost >= 1);
    held.lines.take(decision());
    let text = held.close();
    let torn: Vec<_> =
        text.lines().filter(|line| serde_json::from_str::<Value>(line).is_err()).collect();
    assert!(torn.len() <= 1, "the line after a torn one has to be one of its own: {text}");
    let said: u64 = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["dropped"].as_u64())
        .sum();
    assert_eq!(said, lost, "{text}");
    assert_eq!(parsed(text.lines().last().unwrap())["outcome"], "granted");
}

#[test]
fn what_was_written_before_a_disk_is_full_is_not_lost() {
    let held = held(100);
    held.answers.send(None).unwrap();
    held.lines.take(decision());
    held.lines.flush();
    held.answers.send(Some(1)).unwrap();
    held.lines.take(decision());
    held.lines.flush();
    assert_eq!(held.lines.dropped(), 1);
    // A line that says so is a line: what it counted is lost with it, and counted again.
    held.answers.send(Some(1)).unwrap();
    held.lines.take(decision());
    held.lines.flush();
    assert_eq!(held.lines.dropped(), 2);
    let text = held.close();
    let whole = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let said: Vec<_> = whole.map(|line| line["dropped"].as_u64()).collect();
    assert_eq!(said, [None, Some(2)], "{text}");
}

/// The queue has room for a record, whatever is asked for.
#[test]
fn a_queue_of_nothing_holds_one() {
    let held = held(0);
    held.answers.send(None).unwrap();
    held.lines.take(decision());
    held.lines.flush();
    assert_eq!((held.lines.dropped(), held.close().lines().count()), (0, 1));
}

/// What panics while it writes, which no disk of ours does.
struct Panics;

impl Write for Panics {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("a writer of a test panics")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nobody_waits_for_a_writer_that_is_gone_and_what_it_would_have_written_is_counted() {
    let lines = JsonLines::start(Panics, false, 100).unwrap();
    lines.take(decision());
    lines.flush();
    // The end of the queue goes a moment after the last flush was answered.
    for _ in 0..200 {
        lines.take(decision());
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(lines.dropped() > 0);
    lines.flush();
}

/// Counts what it is told.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<(u32, u32)>>);

impl Sink for Counts {
    fn take(&self, _: Decision) {
        self.0.lock().unwrap().0 += 1;
    }

    fn flush(&self) {
        self.0.lock().unwrap().1 += 1;
    }
}

#[test]
fn each_of_two_sinks_gets_every_decision_and_is_flushed_by_the_last_owner() {
    let (left, right) = (Counts::default(), Counts::default());
    let log = Log::to((left.clone(), Arc::new(right.clone()))).grants(1);
    let identity = somebody("ann");
    assert!(identity.recorded_in(&log).is_none());
    place_order(identity.authorize::<place_order>().unwrap());
    let clone = log.clone();
    drop(log);
    assert_eq!((*left.0.lock().unwrap(), *right.0.lock().unwrap()), ((1, 0), (1, 0)));
    drop(clone);
    assert_eq!((*left.0.lock().unwrap(), *right.0.lock().unwrap()), ((1, 1), (1, 1)));
}

#[test]
fn a_flush_waits_for_what_was_taken_before_it() {
    let held = held(1_000);
    for _ in 0..100 {
        held.answers.send(None).unwrap();
        held.lines.take(decision());
        held.lines.flush();
    }
    let text = String::from_utf8(held.written.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 100);
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/tmp/decisions");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_last_owner_of_a_log_waits_until_it_is_written_though_identities_live_on() {
    let path = folder().join(format!("last-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let log = Log::to(JsonLines::append(&path).unwrap()).grants(1);
    let identities: Vec<_> = (0..200).map(|number| somebody(&number.to_string())).collect();
    for identity in &identities {
        assert!(identity.recorded_in(&log).is_none());
        drop(identity.authorize::<place_order>());
    }
    drop(log);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 200);
    // Whoever is still known is still recorded, and the file ends with them.
    drop(identities[0].authorize::<place_order>());
    drop(identities);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_line_without_an_end_is_ended_and_a_new_file_is_its_owners_alone() {
    let path = folder().join(format!("torn-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    drop(JsonLines::append(&path).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // A process that was killed in the middle of a write.
    std::fs::write(&path, "{\"format\":1,\"at").unwrap();
    for _ in 0..2 {
        let lines = JsonLines::append(&path).unwrap();
        lines.take(decision());
        drop(lines);
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "{\"format\":1,\"at"));
    assert!(lines[1..].iter().all(|line| parsed(line)["outcome"] == "granted"), "{text}");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn each_service_has_its_own_log_also_of_one_identity() {
    let (left, right) = (Kept::default(), Kept::default());
    let (to_left, to_right) = (Log::to(left.clone()).grants(1), Log::to(right.clone()).grants(1));
    let identity = somebody("ann");
    assert!(identity.recorded_in(&to_left).is_none());
    let other = identity.recorded_in(&to_right).unwrap();
    drop(other.authorize::<place_order>());
    assert_eq!((left.0.lock().unwrap().len(), right.0.lock().unwrap().len()), (0, 1));
    drop(identity.authorize::<place_order>());
    assert_eq!((left.0.lock().unwrap().len(), right.0.lock().unwrap().len()), (1, 1));
    assert_eq!(right.0.lock().unwrap()[0].subject(), Some("ann"));
}
