//! A workspace of several programs: which one is meant is asked before anything is built, all are taken together,
//! and revisions are compared lock by lock.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use std::path::Path;
use std::process::Command;

use authz_manifest::{Manifest, Requirement};
use serde_json::{Value, json};
use support::{folder, printed, records, run, shop};

/// The shop under another name, and with another requirement where `changed`.
fn of(name: &str, changed: bool) -> Manifest {
    let mut manifest = shop();
    for function in &mut manifest.functions {
        function.id = function.id.replace("shop::", &format!("{name}::"));
    }
    if changed {
        manifest.functions.get_mut(2).unwrap().requirement = Requirement::Authenticated;
    }
    manifest
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A package whose program has these records, as the attributes would put them there.
fn package(folder: &Path, name: &str, needs: &str, manifest: Option<&Manifest>) {
    let toml = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{needs}\n"
    );
    write(&folder.join(name).join("Cargo.toml"), toml);
    let bytes = manifest.map(records).unwrap_or_default();
    let section = format!(
        "#[unsafe(link_section = \".authz\")]\n#[used]\nstatic RECORDS: [u8; {}] = *include_bytes!(\"../records\");\n",
        bytes.len()
    );
    let section = if bytes.is_empty() { String::new() } else { section };
    write(&folder.join(name).join("records"), bytes);
    write(&folder.join(name).join("src/main.rs"), format!("{section}fn main() {{}}\n"));
}

const CORE: &str = "authz-core = { path = \"../authz-core\" }";

/// Two programs that guard something, one that does not, one by way of a library of somebody else, and a stand-in for the framework.
fn workspace(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    write(
        &folder.join("Cargo.toml"),
        "[workspace]\nmembers = [\"*\"]\nexclude = [\"target\", \"vendor\"]\nresolver = \"3\"\n",
    );
    let core = "authz-core = { path = \"../../authz-core\" }";
    for (folder_of, library, needs) in
        [("authz-core", "authz-core", ""), ("vendor/web", "web", core)]
    {
        let toml = format!(
            "[package]\nname = \"{library}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{needs}\n"
        );
        write(&folder.join(folder_of).join("Cargo.toml"), toml);
        write(&folder.join(folder_of).join("src/lib.rs"), "");
    }
    package(&folder, "orders", CORE, Some(&of("orders", false)));
    package(&folder, "till", "web = { path = \"../vendor/web\" }", Some(&of("till", false)));
    package(&folder, "tool", CORE, None);
    package(&folder, "plain", "", None);
    folder
}

fn asked(folder: &Path, command: &str) -> (String, String, i32) {
    let words: Vec<_> = command.split(' ').collect();
    printed(&run(folder, &words))
}

#[test]
fn which_program_is_meant_is_asked_before_anything_is_built() {
    let folder = workspace("workspace-which");
    let (text, said, code) = asked(&folder, "check");
    assert_eq!((text.as_str(), code), ("", 17), "{said}");
    assert_eq!(
        said,
        "error: several packages have programs that depend on `authz-core` (`orders`, `till`, `tool`); name one \
         with `--package`, or take all with `--workspace` in `lock` and `check`\n"
    );
    assert!(!folder.join("target").exists());
    // In the folder of one it is that one, and nothing else is built.
    let (_, said, code) = asked(&folder.join("till"), "lock");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Compiling till") && !said.contains("Compiling orders"), "{said}");
    assert!(folder.join("till/authz.lock").exists());
    // Of several that are built here by themselves, the only one that can guard something is it.
    let toml = "[workspace]\nmembers = [\"*\"]\nexclude = [\"target\", \"vendor\"]\ndefault-members = [\"plain\", \"orders\"]\nresolver = \"3\"\n";
    write(&folder.join("Cargo.toml"), toml);
    let (_, said, code) = asked(&folder, "lock");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Compiling orders") && !said.contains("Compiling plain"), "{said}");
}

#[test]
fn all_programs_are_locked_and_checked_together() {
    let folder = workspace("workspace-all");
    let (_, said, code) = asked(&folder, "lock --workspace");
    assert_eq!(code, 0, "{said}");
    let wrote = "wrote `orders/authz.lock`: 5 functions\nwrote `till/authz.lock`: 5 functions\n";
    assert!(said.ends_with(wrote), "{said}");
    let (text, said, code) = asked(&folder, "check --workspace");
    assert_eq!((text.as_str(), code), ("", 0), "{said}");
    assert!(said.contains("5 functions require what `till/authz.lock` says"), "{said}");

    package(&folder, "till", "web = { path = \"../vendor/web\" }", Some(&of("till", true)));
    let (text, said, code) = asked(&folder, "check --workspace");
    assert_eq!(code, 1, "{said}");
    assert!(
        text.starts_with("till\ntill::service::list: widened, without scope read:orders."),
        "{text}"
    );
    assert!(
        text.contains("`cargo authz lock --package till` writes it to `till/authz.lock`"),
        "{text}"
    );
    let json: Value =
        serde_json::from_str(&asked(&folder, "check --workspace --format json").0).unwrap();
    let verdict =
        |package: &str| json.pointer(&format!("/of/{package}/functions/0/verdict")).cloned();
    assert_eq!((verdict("orders"), verdict("till")), (None, Some(json!("widened"))));
    let sarif: Value =
        serde_json::from_str(&asked(&folder, "check --workspace --format sarif").0).unwrap();
    assert_eq!(sarif["runs"].as_array().map(Vec::len), Some(1));
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    let markdown = asked(&folder, "check --workspace --format markdown").0;
    assert!(markdown.contains("### `till`\n\n**Access:** 1 widened."), "{markdown}");
    // A program that guards nothing any more is no "yes", and neither is one that was not agreed on.
    package(&folder, "till", "web = { path = \"../vendor/web\" }", None);
    let (_, said, code) = asked(&folder, "check --workspace");
    assert_eq!(code, 7, "{said}");
    package(&folder, "till", "web = { path = \"../vendor/web\" }", Some(&of("till", false)));
    std::fs::remove_file(folder.join("orders/authz.lock")).unwrap();
    assert_eq!(asked(&folder, "check --workspace").2, 11);
    assert_eq!(asked(&folder, "check --workspace --package till").2, 2);
}

#[test]
fn revisions_are_compared_lock_by_lock() {
    let folder = folder("workspace-revisions");
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        let output = Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let locked = |name: &str, changed: bool| {
        write(&folder.join(name).join("authz.lock"), cargo_authz::lock::write(&of(name, changed)));
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    locked("orders", false);
    locked("till", false);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "first"]);
    git(&["checkout", "--quiet", "-b", "next"]);
    locked("till", true);
    locked("bank", false);
    std::fs::remove_file(folder.join("orders/authz.lock")).unwrap();
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "second"]);
    let (text, said, code) = asked(&folder, "diff main next");
    assert_eq!(code, 1, "{said}");
    for expected in [
        "bank/authz.lock\n",
        "bank::service::refund: new. ",
        "orders::service::refund: gone\n",
        "till/authz.lock\ntill::service::list: widened, without scope read:orders.",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let (_, said, code) = asked(&folder, "diff main main");
    assert_eq!((said.as_str(), code), ("no difference\n", 0));
    // In the folder of one, or with its name, it is that one.
    assert_eq!(asked(&folder.join("till"), "diff main next").2, 1);
    let (text, _, _) = asked(&folder, "diff main next --lock till/authz.lock");
    assert!(text.starts_with("till::service::list: widened") && !text.contains("bank"), "{text}");
    let (_, said, code) = asked(&folder, "diff main nowhere");
    assert_eq!(code, 16);
    assert!(said.contains("`nowhere` is neither a file nor a revision with a lock"), "{said}");
}
