//! What is read from built files is what the running programs say: for every way to build that
//! takes something away, and for a processor that this machine is not.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use authz_manifest::Manifest;
use object::Object as _;

const PACKAGE: &str = "authz-programs";

/// Everything that makes a release smaller.
const SMALL: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Builds with `cargo authz manifest`, and reads what it prints.
fn read(arguments: &[&str], environment: &[(&str, &str)]) -> Manifest {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-authz"))
        .args(["authz", "manifest", "--format", "json", "--package", PACKAGE])
        .args(arguments)
        .envs(environment.iter().copied())
        .env("CARGO_TARGET_DIR", target())
        .current_dir(workspace())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The folder that the tests of this workspace are built in.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// What a program says of itself.
fn running(profile: &str, program: &str) -> Manifest {
    let output = Command::new(target().join(profile).join(program)).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn ids(manifest: &Manifest) -> Vec<&str> {
    manifest.functions.iter().map(|function| function.id.as_str()).collect()
}

fn check(profile: &str, arguments: &[&str], environment: &[(&str, &str)]) {
    for program in ["shop", "till"] {
        let found = read(&[&["--bin", program], arguments].concat(), environment);
        assert_eq!(found, running(profile, program), "{program} {arguments:?} {environment:?}");
    }
}

#[test]
fn the_file_says_what_the_program_says_when_built_for_debugging() {
    check("debug", &[], &[]);
    assert_eq!(
        ids(&running("debug", "shop")),
        ["authz_programs::health", "authz_programs::show", "shop::inner::refund", "shop::refund"]
    );
}

#[test]
fn the_file_says_what_the_program_says_when_built_for_release_however_small() {
    check("release", &["--release"], &[]);
    check("release", &["--release"], &SMALL);
    // That the flags did something: there is no symbol left.
    let file = std::fs::read(target().join("release/shop")).unwrap();
    assert_eq!(object::File::parse(file.as_slice()).unwrap().symbols().count(), 0);
}

#[test]
fn several_programs_and_a_library_are_read_together_or_alone() {
    let all = read(&[], &[]);
    assert_eq!(
        ids(&all),
        [
            "authz_programs::health",
            "authz_programs::show",
            "shop::inner::refund",
            "shop::refund",
            "till::me"
        ]
    );
    // What the three have in common is there once.
    assert_eq!(all.policies.len(), 1);
    let library = read(&["--lib"], &[]);
    assert_eq!(ids(&library), ["authz_programs::health", "authz_programs::show"]);
}

/// Needs the target's standard library (`rustup target add`) and Debian's `gcc-aarch64-linux-gnu`.
#[test]
#[cfg(target_arch = "x86_64")]
fn a_program_for_another_processor_is_read_here() {
    const TARGET: &str = "aarch64-unknown-linux-gnu";
    let finds = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
    };
    let libraries =
        Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    let libraries = String::from_utf8(libraries.unwrap().stdout).unwrap();
    if !Path::new(libraries.trim()).is_dir() || !finds("aarch64-linux-gnu-gcc", &["--version"]) {
        // Past the capture of the test harness: whoever runs the tests has to see it.
        let line = format!("\nskipped: no {TARGET} to build for\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    }
    let linker = [("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc")];
    let found = read(&["--bin", "shop", "--target", TARGET], &linker);
    // It can't run here; it says what the same program says that can.
    read(&["--bin", "shop"], &[]);
    assert_eq!(found, running("debug", "shop"));
    let file = std::fs::read(target().join(TARGET).join("debug/shop")).unwrap();
    let file = object::File::parse(file.as_slice()).unwrap();
    assert_eq!(file.architecture(), object::Architecture::Aarch64);
}
