//! From a package to the manifest of what it builds: cargo builds, and the files that come out are
//! read, never run.
//!
//! Several programs of one package make one manifest together. Absent on purpose: a target folder
//! or flags of our own. The build is the one that cargo makes anyway, so nothing is built twice.

mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use authz_manifest::{FORMAT, Manifest};
use cargo_metadata::{Artifact, Message, TargetKind};
use clap::Args;

use crate::failure::Failure;
use crate::record::{self, Damage, Fault};
use crate::section::{self, SectionError};
use crate::text;

/// Which program to read.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Program (`--help` has the options of `cargo build`)")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that cargo has")]
pub struct Source {
    /// Read this built file, and build nothing; may be given several times.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["package", "bin", "release", "profile"])]
    pub program: Vec<PathBuf>,
    /// The package to build.
    #[arg(short, long, value_name = "NAME")]
    pub package: Option<String>,
    /// Read this binary of the package alone; may be given several times.
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    pub bin: Vec<String>,
    /// Read the package's library, a `cdylib`, alone.
    #[arg(hide_short_help = true, long)]
    pub lib: bool,
    /// Read this example in place of the binaries.
    #[arg(hide_short_help = true, long, value_name = "NAME", conflicts_with = "bin")]
    pub example: Vec<String>,
    /// Build for release.
    #[arg(short, long)]
    pub release: bool,
    /// Build with this profile.
    #[arg(hide_short_help = true, long, value_name = "NAME", conflicts_with = "release")]
    pub profile: Option<String>,
    /// Features to turn on; may be given several times.
    #[arg(hide_short_help = true, short = 'F', long, value_name = "FEATURES")]
    pub features: Vec<String>,
    /// Turn every feature on.
    #[arg(hide_short_help = true, long)]
    pub all_features: bool,
    /// Leave the default features off.
    #[arg(hide_short_help = true, long)]
    pub no_default_features: bool,
    /// Build for this target.
    #[arg(hide_short_help = true, long, value_name = "TRIPLE")]
    pub target: Option<String>,
    /// The `Cargo.toml` of the package or its workspace.
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub manifest_path: Option<PathBuf>,
    /// Require that `Cargo.lock` is up to date.
    #[arg(hide_short_help = true, long)]
    pub locked: bool,
    /// Build without the network.
    #[arg(hide_short_help = true, long)]
    pub offline: bool,
}

pub(crate) use workspace::all as guarded_packages;

/// What was built, and where it belongs.
#[derive(Clone, Debug)]
pub struct Program {
    /// The folder of its package; the current one for a file that was named.
    pub directory: PathBuf,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// What its guarded functions require, with every text as it may be shown.
    pub manifest: Manifest,
    /// The same as it is recorded: what a lock or another program reads, and nobody is shown.
    pub recorded: Manifest,
}

/// Builds, unless a file is named, and reads the manifest.
///
/// # Errors
///
/// When the build fails, makes no program, or makes one that can't be read.
pub fn load(source: &Source) -> Result<Program, Failure> {
    let (directory, files) = if source.program.is_empty() {
        build(source)?
    } else {
        (PathBuf::new(), source.program.clone())
    };
    let mut manifests = Vec::new();
    let mut without = None;
    for file in &files {
        match read(file) {
            Ok(manifest) => manifests.push((file.clone(), manifest)),
            // One program of several may be a tool without a guarded function.
            Err(failure @ (Failure::NoSection { .. } | Failure::Empty { .. })) => {
                without.get_or_insert(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    if let (true, Some(failure)) = (manifests.is_empty(), without) {
        return Err(failure);
    }
    let recorded = merge(manifests)?;
    let manifest = text::manifest(recorded.clone());
    Ok(Program { directory, files, manifest, recorded })
}

/// The manifest of one built file, as it is recorded.
///
/// # Errors
///
/// When the file can't be read, is no program, or has no guarded function.
pub fn read(file: &Path) -> Result<Manifest, Failure> {
    let mut manifests = Vec::new();
    for sections in section::read(file).map_err(|error| unread(file, error))? {
        let manifest = record::decode(&sections).map_err(|damage| damaged(file, damage))?;
        manifests.push((file.to_owned(), manifest));
    }
    let manifest = merge(manifests)?;
    if manifest.functions.is_empty() {
        return Err(Failure::Empty { path: file.to_owned() });
    }
    Ok(manifest)
}

fn unread(file: &Path, error: SectionError) -> Failure {
    let path = file.to_owned();
    match error {
        SectionError::Unreadable(error) => Failure::Unreadable { path, error },
        SectionError::NotAProgram(reason) => Failure::NotAProgram { path, reason },
        SectionError::NoSection => Failure::NoSection { path },
        SectionError::TooLarge { found, limit } => {
            let what = format!("what has to be read of `{}`", path.display());
            Failure::TooLarge { what, found, limit, remedy: "is it a program of yours?" }
        }
        other => Failure::NotAProgram { path, reason: other.to_string() },
    }
}

fn damaged(file: &Path, Damage { offset, fault }: Damage) -> Failure {
    match fault {
        Fault::Version(found) => Failure::Newer {
            what: format!("a record in `{}`", file.display()),
            found: found.into(),
            known: FORMAT.into(),
        },
        Fault::TwoPolicies(id) => Failure::Ambiguous(format!(
            "two policies in `{}` are called `{id}`; is a crate linked in two versions? keep one",
            file.display()
        )),
        other => Failure::Damaged { path: file.to_owned(), offset, reason: other.to_string() },
    }
}

/// The manifests of several programs as one.
fn merge(manifests: Vec<(PathBuf, Manifest)>) -> Result<Manifest, Failure> {
    let mut policies = BTreeMap::new();
    let (mut functions, mut resources) = (Vec::new(), Vec::new());
    for (file, manifest) in manifests {
        for policy in manifest.policies {
            let known = policies.entry(policy.id.clone()).or_insert_with(|| policy.clone());
            if *known != policy {
                return Err(Failure::Ambiguous(format!(
                    "there are two policies `{}`: the one in `{}` differs from that of another \
                     program; name one program with `--bin` or `--program`",
                    policy.id,
                    file.display()
                )));
            }
        }
        functions.extend(manifest.functions);
        resources.extend(manifest.resources);
    }
    let policies = policies.into_values().collect();
    // A library that two programs share has the same functions in both, and each is taken once.
    let manifest = Manifest { format: FORMAT, policies, functions, resources };
    manifest.with_distinct_ids().map_err(|shared| Failure::Ambiguous(shared.to_string()))
}

fn build(source: &Source) -> Result<(PathBuf, Vec<PathBuf>), Failure> {
    let chosen = source.package.is_some()
        || source.lib
        || !source.bin.is_empty()
        || !source.example.is_empty();
    let only = if chosen { None } else { workspace::only(source)? };
    let source = &Source { package: source.package.clone().or(only), ..source.clone() };
    let mut command = Command::new(cargo());
    command.arg("build").arg("--message-format=json-render-diagnostics").args(arguments(source));
    // Cargo shows its progress and the compiler's words as always.
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|error| {
            Failure::Build(format!("can't run cargo: {error}; is it installed?"))
        })?;
    let output = child.stdout.take().map(BufReader::new);
    let mut artifacts = Vec::new();
    for message in output.into_iter().flat_map(Message::parse_stream) {
        let message = message
            .map_err(|error| Failure::Build(format!("can't read what cargo says: {error}")))?;
        if let Message::CompilerArtifact(artifact) = message {
            artifacts.push(artifact);
        }
    }
    let status =
        child.wait().map_err(|error| Failure::Build(format!("can't wait for cargo: {error}")))?;
    if !status.success() {
        return Err(Failure::Build("the build failed; what cargo says is above".to_owned()));
    }
    choose(source, &artifacts)
}

fn arguments(source: &Source) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            arguments.extend([name.to_owned(), value]);
        }
    };
    let path = source.manifest_path.as_ref().map(|path| path.display().to_string());
    option("--manifest-path", path);
    option("--package", source.package.clone());
    source.bin.iter().for_each(|bin| option("--bin", Some(bin.clone())));
    source.example.iter().for_each(|example| option("--example", Some(example.clone())));
    source.features.iter().for_each(|features| option("--features", Some(features.clone())));
    option("--profile", source.profile.clone());
    option("--target", source.target.clone());
    let flags = [
        ("--lib", source.lib),
        ("--release", source.release),
        ("--all-features", source.all_features),
        ("--no-default-features", source.no_default_features),
        ("--locked", source.locked),
        ("--offline", source.offline),
    ];
    arguments.extend(flags.iter().filter(|(_, on)| *on).map(|(flag, _)| (*flag).to_owned()));
    arguments
}

/// The programs that were built, of one package.
fn choose(source: &Source, artifacts: &[Artifact]) -> Result<(PathBuf, Vec<PathBuf>), Failure> {
    let members = members(source)?;
    let mut found: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for artifact in artifacts {
        let manifest = artifact.manifest_path.as_std_path();
        if members.contains(manifest) {
            let directory = near(manifest.parent().unwrap_or(manifest));
            found.entry(directory).or_default().extend(programs(artifact));
        }
    }
    found.retain(|_, programs| !programs.is_empty());
    if found.len() > 1 {
        // Of several packages, those count that have a guarded function.
        let guarded = |programs: &BTreeSet<PathBuf>| {
            programs.iter().any(|program| !matches!(read(program), Err(Failure::NoSection { .. })))
        };
        found.retain(|_, programs| guarded(programs));
    }
    let name = |path: &PathBuf| format!("`{}`", path.join("Cargo.toml").display());
    let packages: Vec<_> = found.keys().map(name).collect();
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some((directory, programs)), None) => Ok((directory, programs.into_iter().collect())),
        (Some(_), Some(_)) => Err(Failure::Ambiguous(format!(
            "several packages have guarded functions ({}); name one with `--package`",
            packages.join(", ")
        ))),
        (None, _) => Err(Failure::NoProgram(
            "the build made no program with a guarded function: a library alone has no list of \
             its functions; name an `--example`, or a `--package` with a binary or a `cdylib`"
                .to_owned(),
        )),
    }
}

/// The path from where one is, if it lies below.
fn near(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned))
        .unwrap_or_else(|| path.to_owned())
}

/// The manifests of the workspace: whatever else is built is somebody else's.
fn members(source: &Source) -> Result<BTreeSet<PathBuf>, Failure> {
    let packages = workspace::metadata(source)?.packages;
    Ok(packages.into_iter().map(|package| package.manifest_path.into()).collect())
}

/// The cargo that runs this tool.
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The files of an artifact that have a link section of their own.
fn programs(artifact: &Artifact) -> Vec<PathBuf> {
    if let Some(executable) = &artifact.executable {
        return vec![executable.clone().into()];
    }
    let linked = |kind: &TargetKind| matches!(kind, TargetKind::CDyLib | TargetKind::DyLib);
    let bin = |kind: &TargetKind| matches!(kind, TargetKind::Bin | TargetKind::Example);
    let kinds = &artifact.target.kind;
    let extensions: &[&str] = if kinds.iter().any(linked) {
        &["so", "dylib", "dll", "wasm"]
    } else if kinds.iter().any(bin) {
        &["wasm", "exe"]
    } else {
        &[]
    };
    artifact
        .filenames
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extensions.contains(&extension)))
        .map(|file| file.clone().into())
        .collect()
}
