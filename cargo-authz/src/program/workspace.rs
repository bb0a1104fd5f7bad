//! Which packages of a workspace have programs with guarded functions, by what they depend on: known before
//! anything is built.
//!
//! Absent on purpose: certainty. A package may depend on the framework and guard nothing; the built file tells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, TargetKind};

use super::Source;
use crate::failure::Failure;

/// The names of the crates that put functions on record.
const FRAMEWORK: [&str; 2] = ["authz-core", "authz"];

/// Asks cargo for the packages of the workspace, which takes no build and no network.
pub(super) fn metadata(source: &Source) -> Result<Metadata, Failure> {
    let mut command = MetadataCommand::new();
    command.no_deps();
    if let Some(path) = &source.manifest_path {
        command.manifest_path(path);
    }
    command.exec().map_err(|error| Failure::Build(format!("can't ask cargo: {error}")))
}

/// The packages of the workspace that have a program, and depend on the framework or on a member that does.
///
/// # Errors
///
/// When cargo does not know the workspace.
pub(crate) fn all(source: &Source) -> Result<Vec<String>, Failure> {
    let metadata = metadata(source)?;
    let guarded = guarded(&metadata);
    let programs = metadata.workspace_packages().into_iter().filter(|package| has_program(package));
    let mut names: Vec<_> = programs
        .map(|package| package.name.to_string())
        .filter(|name| guarded.contains(name.as_str()))
        .collect();
    names.sort();
    Ok(names)
}

/// The one package to build where none is named; nothing where the build has to tell.
///
/// # Errors
///
/// [`Failure::Ambiguous`] where there are several: at once, and not after they are built.
pub(super) fn only(source: &Source) -> Result<Option<String>, Failure> {
    let metadata = metadata(source)?;
    let guarded = guarded(&metadata);
    let here = located(source);
    let root = metadata.workspace_root.join("Cargo.toml");
    // In the folder of a member that one is built, else those that the workspace builds by itself.
    let member = metadata.workspace_packages().into_iter().find(|package| {
        here.as_deref() == Some(package.manifest_path.as_std_path())
            && package.manifest_path != root
    });
    let built = member.map_or_else(|| metadata.workspace_default_packages(), |member| vec![member]);
    let wanted =
        |package: &&Package| has_program(package) && guarded.contains(package.name.as_str());
    let mut names: Vec<_> =
        built.into_iter().filter(wanted).map(|it| it.name.to_string()).collect();
    names.sort();
    match names.as_slice() {
        [_, _, ..] => Err(Failure::Ambiguous(format!(
            "several packages have programs that depend on `authz-core` ({}); name one with \
             `--package`, or take all with `--workspace` in `lock` and `check`",
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ))),
        _ => Ok(names.pop()),
    }
}

/// The members that depend on the framework, by themselves or by way of members.
fn guarded(metadata: &Metadata) -> BTreeSet<&str> {
    let packages = metadata.workspace_packages();
    let dependencies: BTreeMap<&str, Vec<&str>> = packages
        .iter()
        .map(|package| {
            let normal = package.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal);
            (package.name.as_str(), normal.map(|it| it.name.as_str()).collect())
        })
        .collect();
    let mut guarded: BTreeSet<&str> = FRAMEWORK.into();
    loop {
        let before = guarded.len();
        for (package, needs) in &dependencies {
            if needs.iter().any(|need| guarded.contains(need)) {
                guarded.insert(package);
            }
        }
        if guarded.len() == before {
            return guarded;
        }
    }
}

fn has_program(package: &Package) -> bool {
    let linked = |kind: &TargetKind| {
        matches!(kind, TargetKind::Bin | TargetKind::CDyLib | TargetKind::DyLib)
    };
    package.targets.iter().any(|target| target.kind.iter().any(linked))
}

/// The `Cargo.toml` that cargo takes here.
fn located(source: &Source) -> Option<PathBuf> {
    if let Some(path) = &source.manifest_path {
        return path.canonicalize().ok();
    }
    let output = Command::new(super::cargo())
        .args(["locate-project", "--message-format", "plain"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(Path::new(text.trim()).to_owned())
}
