//! The lines of a log, one after the other.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use authz_manifest::Manifest;
use authz_manifest::decision::{FORMAT, Record};
use serde::Deserialize;

use super::tally::{Ages, Log};
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
/// When the file can't be read, is of a newer format, or has no record of a decision.
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
            Line::Foreign if !ended && !cut => log.torn = true,
            Line::Foreign => {
                let (lines, first) = log.foreign.unwrap_or((0, number));
                log.foreign = Some((lines + 1, first));
            }
        }
    }
    if log.asked.is_empty() && log.hidden + log.refused_fields + log.dropped == 0 {
        let reason =
            "it has no record of a decision; is it what `authz_core::audit::JsonLines` writes?";
        return Err(Failure::Unusable { path: path.to_owned(), reason: reason.to_owned() });
    }
    Ok(log)
}

enum Line {
    Decision(Box<Record>),
    Dropped(u64),
    Newer(u64),
    Foreign,
}

fn line(bytes: &[u8]) -> Line {
    let Ok(head) = serde_json::from_slice::<Head>(bytes) else { return Line::Foreign };
    if head.format > FORMAT.into() {
        return Line::Newer(head.format);
    }
    if let Some(dropped) = head.dropped {
        return Line::Dropped(dropped);
    }
    serde_json::from_slice(bytes).map_or(Line::Foreign, |record| Line::Decision(Box::new(record)))
}
