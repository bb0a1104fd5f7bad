//! `diff`: two manifests beside each other, wherever they come from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use authz_manifest::{FORMAT, Manifest};

use super::Answer;
use super::compare::{Compared, answer};
use crate::cli::DiffArgs;
use crate::failure::Failure;
use crate::{lock as lock_file, program, scopes, text};

/// Compares two manifests.
///
/// # Errors
///
/// When one of them can't be read.
pub fn diff(args: &DiffArgs) -> Result<Answer, Failure> {
    let pairs = match locks_of_both(args)? {
        Some(locks) => locks
            .into_iter()
            .map(|lock| {
                let of = |revision: &str| in_revision(revision, &lock);
                Ok((Some(lock.display().to_string()), of(&args.before)?, of(&args.now)?))
            })
            .collect::<Result<Vec<_>, Failure>>()?,
        None => vec![(None, any(&args.before, &args.lock)?, any(&args.now, &args.lock)?)],
    };
    let mut compared = Vec::with_capacity(pairs.len());
    for (lock, before, now) in pairs {
        let drift = scopes::drift(&before, &now, args.scopes_of_roles)?;
        let file = lock.clone().unwrap_or_else(|| {
            let named = Path::new(&args.before).exists();
            if named { args.before.clone() } else { args.lock.display().to_string() }
        });
        compared.push(Compared { name: lock, drift, lock: file, remedy: String::new() });
    }
    let same = compared.iter().all(|one| one.drift.is_empty());
    let grants = !args.scopes_of_roles && compared.iter().any(|one| one.drift.changes_grants());
    let note = match (same, grants) {
        (true, _) => Some("no difference".to_owned()),
        (false, true) => Some(scopes::NOT_COUNTED.to_owned()),
        (false, false) => None,
    };
    Ok(answer(&compared, args.format, args.allow_narrowing, note))
}

/// The locks that two revisions have anywhere, where both are named without a path and the lock that is meant
/// then is in neither.
fn locks_of_both(args: &DiffArgs) -> Result<Option<Vec<PathBuf>>, Failure> {
    let revision = |name: &str| !Path::new(name).exists() && !name.contains(':');
    if !revision(&args.before) || !revision(&args.now) || args.lock != Path::new("authz.lock") {
        return Ok(None);
    }
    let mut locks = BTreeSet::new();
    for name in [&args.before, &args.now] {
        locks.extend(locks_in(name)?);
    }
    // The one of this folder is meant where there is one.
    Ok((!locks.is_empty() && !locks.contains(&args.lock)).then(|| locks.into_iter().collect()))
}

/// The paths of the locks below this folder in a revision.
fn locks_in(revision: &str) -> Result<Vec<PathBuf>, Failure> {
    let listed =
        git(revision, &["ls-tree", "-r", "-z", "--name-only", "--end-of-options", revision])?;
    let is_lock =
        |path: &&str| Path::new(path).file_name().is_some_and(|name| name == "authz.lock");
    Ok(listed.split('\0').filter(is_lock).map(PathBuf::from).collect())
}

/// A lock of a revision; without functions where the revision has it not.
fn in_revision(name: &str, lock: &Path) -> Result<Manifest, Failure> {
    if locks_in(name)?.contains(&lock.to_owned()) {
        return revision(name, lock);
    }
    Ok(Manifest {
        format: FORMAT,
        policies: Vec::new(),
        functions: Vec::new(),
        resources: Vec::new(),
    })
}

/// A manifest out of whatever the name means.
fn any(name: &str, lock: &Path) -> Result<Manifest, Failure> {
    let path = Path::new(name);
    if !path.exists() {
        return revision(name, lock);
    }
    match path.extension().and_then(std::ffi::OsStr::to_str) {
        Some("lock") => lock_file::read(path),
        Some("json") => json(path).map(text::manifest),
        _ => program::read(path).map(text::manifest),
    }
}

/// What is read of a manifest before anything else.
#[derive(serde::Deserialize)]
struct Format {
    format: u64,
}

fn json(path: &Path) -> Result<Manifest, Failure> {
    let length = path.metadata().map_err(|error| Failure::unreadable(path, error))?.len();
    let limit = lock_file::MAX_SIZE;
    if length > limit {
        let what = format!("`{}`", path.display());
        return Err(Failure::TooLarge { what, found: length, limit, remedy: "is it a manifest?" });
    }
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))?;
    let unusable = |error: serde_json::Error| Failure::Unusable {
        path: path.to_owned(),
        reason: format!("it is no manifest: {error}"),
    };
    let Format { format } = serde_json::from_str(&text).map_err(unusable)?;
    if format > FORMAT.into() {
        let what = format!("`{}`", path.display());
        return Err(Failure::Newer { what, found: format, known: FORMAT.into() });
    }
    let manifest: Manifest = serde_json::from_str(&text).map_err(unusable)?;
    manifest.with_distinct_ids().map_err(|shared| Failure::Ambiguous(shared.to_string()))
}

/// The lock as git has it: `REVISION`, or `REVISION:PATH`.
fn revision(name: &str, lock: &Path) -> Result<Manifest, Failure> {
    let object = if name.contains(':') {
        name.to_owned()
    } else {
        // The path is that of the folder one is in, not of the root.
        let path = if lock.is_absolute() { lock.to_owned() } else { Path::new(".").join(lock) };
        format!("{name}:{}", path.display())
    };
    let text = git(name, &["show", "--end-of-options", &object])?;
    lock_file::parse(&text, Path::new(&object))
}

/// What git says, about a name that the command line has.
fn git(name: &str, arguments: &[&str]) -> Result<String, Failure> {
    if name.starts_with('-') {
        return Err(unknown(name, "it starts with `-`"));
    }
    let output = Command::new("git")
        .args(arguments)
        .output()
        .map_err(|error| unknown(name, &format!("can't run git: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(unknown(name, said.trim().trim_start_matches("fatal: ")));
    }
    String::from_utf8(output.stdout).map_err(|_| unknown(name, "it is not UTF-8"))
}

fn unknown(name: &str, why: &str) -> Failure {
    Failure::Unknown(format!("`{name}` is neither a file nor a revision with a lock: {why}"))
}
