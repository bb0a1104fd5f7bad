//! `authz.lock`, with the failures of the tool; the format stands in [`authz_manifest::lock`].

use std::path::Path;

use authz_manifest::lock::LockError;
use authz_manifest::{LOCK_FORMAT, Manifest};

use crate::failure::Failure;
use crate::text;

pub use authz_manifest::lock::MAX_SIZE;

/// Writes the text of the lock.
#[must_use]
pub fn write(manifest: &Manifest) -> String {
    manifest.to_lock()
}

/// Reads the lock at `path`, with its texts as they may be shown.
///
/// # Errors
///
/// When there is none, or it is not as [`write()`] writes it.
pub fn read(path: &Path) -> Result<Manifest, Failure> {
    authz_manifest::lock::read(path).map(text::manifest).map_err(|error| failure(error, path))
}

/// Reads the text of a lock, with its texts as they may be shown; `path` is named in errors.
///
/// # Errors
///
/// When the text is not as [`write()`] writes it.
pub fn parse(text: &str, path: &Path) -> Result<Manifest, Failure> {
    authz_manifest::lock::parse(text).map(text::manifest).map_err(|error| failure(error, path))
}

fn failure(error: LockError, path: &Path) -> Failure {
    let path = path.to_owned();
    match error {
        LockError::Missing => Failure::NoLock { path },
        LockError::Unreadable(error) => Failure::Unreadable { path, error },
        LockError::TooLarge(found) => Failure::TooLarge {
            what: format!("`{}`", path.display()),
            found,
            limit: MAX_SIZE,
            remedy: "a lock of 10,000 functions has about 2 MiB; is it a lock?",
        },
        LockError::Newer(found) => Failure::Newer {
            what: format!("`{}`", path.display()),
            found,
            known: LOCK_FORMAT.into(),
        },
        LockError::Conflict { line } => Failure::Conflict { path, line },
        LockError::SharedId(shared) => Failure::Ambiguous(format!(
            "`{}` can't be compared with: {shared}; then `cargo authz lock` writes it anew",
            path.display()
        )),
        LockError::NotALock(reason) => Failure::NotALock { path, reason },
        LockError::Edited(reason) => Failure::EditedLock { path, reason },
        other => Failure::EditedLock { path, reason: other.to_string() },
    }
}
