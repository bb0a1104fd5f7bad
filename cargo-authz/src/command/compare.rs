//! `lock` and `check`: the program beside what was agreed on.

use std::path::{Path, PathBuf};

use authz_manifest::Manifest;

use super::Answer;
use crate::cli::{CheckArgs, LockArgs, Report};
use crate::drift::Drift;
use crate::failure::Failure;
use crate::output::{Around, counted};
use crate::program::{self, Program, Source};
use crate::{lock as lock_file, output, scopes};

/// Writes the lock, or that of each program of the workspace.
///
/// # Errors
///
/// When there is no program to read, or the lock can't be written or is that of another program.
pub fn lock(args: &LockArgs) -> Result<Answer, Failure> {
    let mut notes = Vec::new();
    for (_, program) in programs(&args.source, args.workspace)? {
        notes.push(write(&program, &lock_path(args.lock.as_deref(), &program))?);
    }
    Ok(Answer { note: Some(notes.join("\n")), ..Answer::default() })
}

fn write(program: &Program, path: &Path) -> Result<String, Failure> {
    let text = lock_file::write(&program.recorded);
    let known = std::fs::read_to_string(path).ok();
    let count = counted(program.manifest.functions.len() as u64, "function");
    if known.as_deref() == Some(&text) {
        return Ok(format!("`{}` is up to date: {count}", path.display()));
    }
    require_own(path, &program.manifest)?;
    std::fs::write(path, text).map_err(|error| Failure::unwritable(path, error))?;
    Ok(format!("wrote `{}`: {count}", path.display()))
}

/// The program that is meant; or each of the workspace that has a guarded function, with the name of its package.
fn programs(source: &Source, workspace: bool) -> Result<Vec<(Option<String>, Program)>, Failure> {
    if !workspace {
        return Ok(vec![(None, program::load(source)?)]);
    }
    let mut programs = Vec::new();
    for (name, folder) in program::guarded_packages(source)? {
        let source = Source { package: Some(name.clone()), ..source.clone() };
        match program::load(&source) {
            Ok(program) => programs.push((Some(name), program)),
            // It depends on the framework, and guards nothing; nor did it when that was last agreed on.
            Err(Failure::NoSection { .. } | Failure::Empty { .. })
                if !folder.join("authz.lock").exists() => {}
            Err(failure) => return Err(failure),
        }
    }
    if programs.is_empty() {
        let reason = "no package of the workspace has a program with a guarded function";
        return Err(Failure::NoProgram(reason.to_owned()));
    }
    Ok(programs)
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

/// One comparison of several.
pub(super) struct Compared {
    /// The package or the lock, where there may be several.
    pub(super) name: Option<String>,
    /// What changed.
    pub(super) drift: Drift,
    /// The file that says how it was.
    pub(super) lock: String,
    /// What to do about it.
    pub(super) remedy: String,
}

/// Compares the program with the lock, or each of the workspace with its own.
///
/// # Errors
///
/// When one of the two can't be read, or they have nothing in common.
pub fn check(args: &CheckArgs) -> Result<Answer, Failure> {
    let mut compared = Vec::new();
    let mut notes = Vec::new();
    for (name, program) in programs(&args.source, args.workspace)? {
        let path = lock_path(args.lock.as_deref(), &program);
        let locked = lock_file::read(&path)?;
        let now = &program.manifest;
        if is_of_another(&locked, now) {
            let remedy = "remove it and write a new one with `cargo authz lock`";
            return Err(other_program(&path, (&locked, now), remedy));
        }
        let lock = path.display().to_string();
        let drift = scopes::drift(&locked, now, args.scopes_of_roles)?;
        if drift.is_empty() {
            let count = now.functions.len();
            let require = if count == 1 { "requires" } else { "require" };
            let functions = counted(count as u64, "function");
            notes.push(format!("{functions} {require} what `{lock}` says"));
        }
        if !args.scopes_of_roles && drift.changes_grants() {
            notes.push(scopes::NOT_COUNTED.to_owned());
        }
        let of = name.as_ref().map(|name| format!(" --package {name}")).unwrap_or_default();
        let remedy = format!("where this is meant, `cargo authz lock{of}` writes it to `{lock}`");
        compared.push(Compared { name, drift, lock, remedy });
    }
    let note = Some(notes.join("\n")).filter(|note| !note.is_empty());
    Ok(answer(&compared, args.format, args.allow_narrowing, note))
}

/// What several comparisons say together.
pub(super) fn answer(
    compared: &[Compared],
    form: Report,
    allow_narrowing: bool,
    note: Option<String>,
) -> Answer {
    let finding = compared.iter().any(|Compared { drift, .. }| {
        !(drift.is_empty() || allow_narrowing && drift.only_narrows())
    });
    let texts: Vec<_> = compared
        .iter()
        .map(|Compared { name, drift, lock, remedy }| {
            let lock_text = std::fs::read_to_string(lock).unwrap_or_default();
            let around = Around { remedy, lock, lock_text: &lock_text };
            (name.as_deref(), output::drift(drift, form, around))
        })
        .collect();
    Answer { text: output::together(&texts, form), note, finding }
}
