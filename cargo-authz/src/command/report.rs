//! `report`: one page for a reviewer.

use std::path::Path;

use super::Answer;
use crate::cli::ReportArgs;
use crate::failure::Failure;
use crate::{lock, program, report as page, scopes};

/// Writes the page.
///
/// # Errors
///
/// When there is no program to read, or the page can't be written.
pub fn report(args: &ReportArgs) -> Result<Answer, Failure> {
    let program = program::load(&args.source)?;
    let path = args.lock.clone().unwrap_or_else(|| program.directory.join("authz.lock"));
    let drift = match lock::read(&path) {
        Ok(locked) => Some(scopes::drift(&locked, &program.manifest, args.scopes_of_roles)?),
        // Without a lock there is nothing to compare with; one that was named has to be there.
        Err(Failure::NoLock { .. }) if args.lock.is_none() => None,
        Err(failure) => return Err(failure),
    };
    let title = program.files.first().and_then(|file| file.file_stem()).unwrap_or_default();
    let judged = scopes::judged(&program.manifest, args.scopes_of_roles);
    let html =
        page::judged(&title.to_string_lossy(), (&program.manifest, &judged), drift.as_ref())?;
    if args.output == Path::new("-") {
        return Ok(Answer::of(html));
    }
    std::fs::write(&args.output, html).map_err(|error| Failure::unwritable(&args.output, error))?;
    let note = format!("wrote `{}`", args.output.display());
    Ok(Answer { note: Some(note), ..Answer::default() })
}
