//! Which packages of a workspace have programs with guarded functions, by what they depend on: known before
//! anything is built.
//!
//! Absent on purpose: certainty. A package may depend on the framework and guard nothing; the built file tells.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{
    DependencyKind, Metadata, MetadataCommand, NodeDep, Package, PackageId, TargetKind,
};

use super::Source;
use crate::failure::Failure;

/// The names of the crates that put functions on record.
const FRAMEWORK: [&str; 2] = ["authz-core", "authz"];

/// Asks cargo for the packages of the workspace, which takes no build and no network.
pub(super) fn metadata(source: &Source) -> Result<Metadata, Failure> {
    ask(command(source).no_deps())
}

/// Asks for all that they depend on as well.
fn with_dependencies(source: &Source) -> Result<Metadata, Failure> {
    let flags = [("--locked", source.locked), ("--offline", source.offline)];
    let flags: Vec<_> =
        flags.iter().filter(|(_, on)| *on).map(|(flag, _)| (*flag).to_owned()).collect();
    ask(command(source).other_options(flags))
}

fn command(source: &Source) -> MetadataCommand {
    let mut command = MetadataCommand::new();
    if let Some(path) = &source.manifest_path {
        command.manifest_path(path);
    }
    command
}

fn ask(command: &MetadataCommand) -> Result<Metadata, Failure> {
    command.exec().map_err(|error| Failure::Build(format!("can't ask cargo: {error}")))
}

/// The packages of the workspace that have a program and depend on the framework, and the folder of each.
///
/// # Errors
///
/// When cargo does not know the workspace, or what its packages depend on.
pub(crate) fn all(source: &Source) -> Result<Vec<(String, PathBuf)>, Failure> {
    let metadata = with_dependencies(source)?;
    let guarded = guarded(&metadata);
    let wanted = |package: &&Package| has_program(package) && guarded.contains(&package.id);
    let packages = metadata.workspace_packages().into_iter().filter(wanted);
    let folder = |package: &Package| package.manifest_path.parent().map(PathBuf::from);
    let mut found: Vec<_> = packages
        .map(|package| (package.name.to_string(), folder(package).unwrap_or_default()))
        .collect();
    found.sort();
    Ok(found)
}

/// The one package to build where none is named; nothing where the build has to tell.
///
/// # Errors
///
/// [`Failure::Ambiguous`] where there are several: at once, and not after they are built.
pub(super) fn only(source: &Source) -> Result<Option<String>, Failure> {
    let metadata = metadata(source)?;
    let here = located(source);
    let root = metadata.workspace_root.join("Cargo.toml");
    // In the folder of a member that one is built, else those that the workspace builds by itself.
    let member = metadata.workspace_packages().into_iter().find(|package| {
        here.as_deref() == Some(package.manifest_path.as_std_path())
            && package.manifest_path != root
    });
    let built = member.map_or_else(|| metadata.workspace_default_packages(), |member| vec![member]);
    let programs: Vec<_> = built.into_iter().filter(|package| has_program(package)).collect();
    if programs.len() < 2 {
        return Ok(None);
    }
    let all = with_dependencies(source)?;
    let guarded = guarded(&all);
    let wanted = programs.into_iter().filter(|package| guarded.contains(&package.id));
    let mut names: Vec<_> = wanted.map(|package| package.name.to_string()).collect();
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

/// The packages that depend on the framework, by themselves or by way of others, whosever these are.
fn guarded(metadata: &Metadata) -> BTreeSet<&PackageId> {
    let framework =
        metadata.packages.iter().filter(|package| FRAMEWORK.contains(&package.name.as_str()));
    let mut guarded: BTreeSet<_> = framework.map(|package| &package.id).collect();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let normal = |dependency: &NodeDep| {
        dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
    };
    loop {
        let before = guarded.len();
        for node in nodes.clone() {
            if node
                .deps
                .iter()
                .any(|dependency| normal(dependency) && guarded.contains(&dependency.pkg))
            {
                guarded.insert(&node.id);
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
