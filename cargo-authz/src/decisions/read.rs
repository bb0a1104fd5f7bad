//! The lines of a log, one after the other.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use authz_manifest::Manifest;
use authz_manifest::decision::{FORMAT, Record};
use serde::Deserialize;

use super::tally::{Ages, Foreign, Log};
use crate::failure::Failure;

/// The longest line that is read, in bytes: what a program writes is far shorter.
const LINE_LIMIT: u64 = 1 << 20;

/// What is read of a line before anything else.
#[derive(Deserialize)]
struct Head {
    format: u64,
    dropped: Option<u64>,
}

/// Reads a log. Ages are counted together as far as the functions of `manifest` do not tell them apart.
///
/// # Errors
///
/// When the file can't be read, is of a newer format, or has no decision in it.
pub fn read(path: &Path, manifest: &Manifest) -> Result<Log, Failure> {
    let file = File::open(path).map_err(|error| Failure::unreadable(path, error))?;
    let (mut reader, ages) = (BufReader::new(file), Ages::asked_by(manifest));
    let (mut log, mut bytes, mut number) = (Log::default(), Vec::new(), 0);
    loop {
        bytes.clear();
        let limited = (&mut reader).take(LINE_LIMIT).read_until(b'\n', &mut bytes);
        let length = limited.map_err(|error| Failure::unreadable(path, error))?;
        if length == 0 {
            break;
        }
        number += 1;
        let ended = bytes.last() == Some(&b'\n');
        let cut = !ended && length as u64 == LINE_LIMIT;
        if cut {
            reader.skip_until(b'\n').map_err(|error| Failure::unreadable(path, error))?;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match line(&bytes) {
            Line::Decision(record) => log.add(*record, &ages),
            Line::Dropped(dropped) => log.dropped = log.dropped.saturating_add(dropped),
            Line::Newer(found) => {
                let what = format!("line {number} of `{}`", path.display());
                return Err(Failure::Newer { what, found, known: FORMAT.into() });
            }
            // A program that is killed leaves half a line behind.
            Line::Foreign(_) if !ended && !cut => log.torn = true,
            Line::Foreign(reason) => match &mut log.foreign {
                Some(foreign) => foreign.lines += 1,
                none => *none = Some(Foreign { lines: 1, first: number, reason }),
            },
        }
    }
    if log.asked.is_empty() {
        return Err(Failure::NoDecision { path: path.to_owned(), reason: without_decision(&log) });
    }
    Ok(log)
}

/// Why a log has no decision that could be made again.
fn without_decision(log: &Log) -> String {
    if let Some(Foreign { first, reason, .. }) = &log.foreign {
        return format!("line {first} is no record of one: {reason}");
    }
    match (log.hidden + log.refused_fields, log.dropped, log.torn) {
        (0, 0, false) => "it is empty".to_owned(),
        (0, 0, true) => "its one line has no end".to_owned(),
        (0, dropped, _) => format!("it says of {dropped} that they are not in it"),
        _ => "it tells of objects and fields that were refused, and of no call".to_owned(),
    }
}

enum Line {
    Decision(Box<Record>),
    Dropped(u64),
    Newer(u64),
    Foreign(String),
}

fn line(bytes: &[u8]) -> Line {
    let foreign = |error: serde_json::Error| Line::Foreign(error.to_string());
    let head = match serde_json::from_slice::<Head>(bytes) {
        Ok(head) => head,
        Err(error) => return foreign(error),
    };
    if head.format > FORMAT.into() {
        return Line::Newer(head.format);
    }
    if let Some(dropped) = head.dropped {
        return Line::Dropped(dropped);
    }
    serde_json::from_slice(bytes).map_or_else(foreign, |record| Line::Decision(Box::new(record)))
}
