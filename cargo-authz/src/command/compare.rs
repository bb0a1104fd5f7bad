//! `lock`, `check` and `diff`: the program beside what was agreed on.

use std::path::{Path, PathBuf};
use std::process::Command;

use authz_manifest::{FORMAT, Manifest};

use super::Answer;
use crate::cli::{CheckArgs, DiffArgs, LockArgs};
use crate::drift::Drift;
use crate::failure::Failure;
use crate::output::{Around, counted};
use crate::program::{self, Program};
use crate::{lock as lock_file, output, text};

/// Writes the lock.
///
/// # Errors
///
/// When there is no program to read, or the lock can't be written or is that of another program.
pub fn lock(args: &LockArgs) -> Result<Answer, Failure> {
    let program = program::load(&args.source)?;
    let path = lock_path(args.lock.as_deref(), &program);
    let text = lock_file::write(&program.recorded);
    let known = std::fs::read_to_string(&path).ok();
    let count = counted(program.manifest.functions.len() as u64, "function");
    let note = if known.as_deref() == Some(&text) {
        format!("`{}` is up to date: {count}", path.display())
    } else {
        require_own(&path, &program.manifest)?;
        std::fs::write(&path, text).map_err(|error| Failure::unwritable(&path, error))?;
        format!("wrote `{}`: {count}", path.display())
    };
    Ok(Answer { note: Some(note), ..Answer::default() })
}

/// Refuses to write over what is no lock, or that of another program. One that is damaged may be written anew.
fn require_own(path: &Path, now: &Manifest) -> Result<(), Failure> {
    match lock_file::read(path) {
        Ok(locked) if is_of_another(&locked, now) => {
            let remedy = "remove the file where this program has another name now";
            Err(other_program(path, (&locked, now), remedy))
        }
        Err(failure @ Failure::NotALock { .. }) if !is_empty(path) => Err(failure),
        _ => Ok(()),
    }
}

fn is_empty(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() == 0)
}

/// Whether a lock and a program have no function in common.
fn is_of_another(locked: &Manifest, now: &Manifest) -> bool {
    let common = |id: &str| now.functions.iter().any(|function| function.id == id);
    !locked.functions.is_empty() && !locked.functions.iter().any(|locked| common(&locked.id))
}

fn other_program(path: &Path, (locked, now): (&Manifest, &Manifest), remedy: &str) -> Failure {
    let first = |manifest: &Manifest| {
        manifest.functions.first().map(|function| function.id.clone()).unwrap_or_default()
    };
    Failure::OtherProgram(format!(
        "`{}` is the lock of another program: it has functions such as `{}`, the program has such \
         as `{}`, and none is in both; name the right one with `--lock`, or {remedy}",
        path.display(),
        first(locked),
        first(now)
    ))
}

fn lock_path(given: Option<&Path>, program: &Program) -> PathBuf {
    given.map_or_else(|| program.directory.join("authz.lock"), Path::to_owned)
}

/// Compares the program with the lock.
///
/// # Errors
///
/// When one of the two can't be read, or they have nothing in common.
pub fn check(args: &CheckArgs) -> Result<Answer, Failure> {
    let program = program::load(&args.source)?;
    let path = lock_path(args.lock.as_deref(), &program);
    let locked = lock_file::read(&path)?;
    let now = &program.manifest;
    if is_of_another(&locked, now) {
        let remedy = "remove it and write a new one with `cargo authz lock`";
        return Err(other_program(&path, (&locked, now), remedy));
    }
    let drift = Drift::between(&locked, now)?;
    let finding = !(drift.is_empty() || args.allow_narrowing && drift.only_narrows());
    let remedy =
        format!("where this is meant, `cargo authz lock` writes it to `{}`", path.display());
    let lock = path.display().to_string();
    let lock_text = std::fs::read_to_string(&path).unwrap_or_default();
    let around = Around { remedy: &remedy, lock: &lock, lock_text: &lock_text };
    let text = output::drift(&drift, args.format, around);
    let note = drift.is_empty().then(|| {
        let count = now.functions.len();
        let require = if count == 1 { "requires" } else { "require" };
        format!("{} {require} what `{lock}` says", counted(count as u64, "function"))
    });
    Ok(Answer { text, note, finding })
}

/// Compares two manifests, wherever they come from.
///
/// # Errors
///
/// When one of them can't be read.
pub fn diff(args: &DiffArgs) -> Result<Answer, Failure> {
    let before = any(&args.before, &args.lock)?;
    let now = any(&args.now, &args.lock)?;
    let drift = Drift::between(&before, &now)?;
    let finding = !(drift.is_empty() || args.allow_narrowing && drift.only_narrows());
    let lock = if Path::new(&args.before).exists() {
        &args.before
    } else {
        &args.lock.display().to_string()
    };
    let lock_text = std::fs::read_to_string(lock).unwrap_or_default();
    let around = Around { remedy: "", lock, lock_text: &lock_text };
    let text = output::drift(&drift, args.format, around);
    let note = drift.is_empty().then(|| "no difference".to_owned());
    Ok(Answer { text, note, finding })
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
    let unknown = |why: &str| {
        Failure::Unknown(format!("`{name}` is neither a file nor a revision with a lock: {why}"))
    };
    if name.starts_with('-') {
        return Err(unknown("it starts with `-`"));
    }
    let object = if name.contains(':') {
        name.to_owned()
    } else {
        // The path is that of the folder one is in, not of the root.
        let path = if lock.is_absolute() { lock.to_owned() } else { Path::new(".").join(lock) };
        format!("{name}:{}", path.display())
    };
    let output = Command::new("git")
        .args(["show", "--end-of-options", &object])
        .output()
        .map_err(|error| unknown(&format!("can't run git: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(unknown(said.trim().trim_start_matches("fatal: ")));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| unknown("it is not UTF-8"))?;
    lock_file::parse(&text, Path::new(&object))
}
