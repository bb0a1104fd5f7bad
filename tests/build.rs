//! Writes the vocabularies that are too long to stand in a test: 200 and 4,096 names.
#![expect(clippy::expect_used, reason = "a build script may stop")]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let directory = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let write = |name: &str, text: String| {
        fs::write(directory.join(name), text).expect("OUT_DIR can be written to");
    };
    // Each name includes the two below it in a binary tree.
    write(
        "roles_200.rs",
        vocabulary("Role", "Roles", 200, |index| vec![2 * index + 1, 2 * index + 2]),
    );
    // Each name includes the next: the deepest hierarchy there is.
    write("scopes_4096.rs", vocabulary("Scope", "Scopes", 4096, |index| vec![index + 1]));
}

fn vocabulary(
    ident: &str,
    derive: &str,
    count: usize,
    includes: impl Fn(usize) -> Vec<usize>,
) -> String {
    let attribute = ident.to_lowercase();
    let mut text = format!(
        "#[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::{derive})]\npub enum {ident} {{\n"
    );
    for index in 0..count {
        let lower: Vec<String> = includes(index)
            .into_iter()
            .filter(|name| *name < count)
            .map(|name| format!("V{name}"))
            .collect();
        let includes = if lower.is_empty() {
            String::new()
        } else {
            format!(", includes({})", lower.join(", "))
        };
        writeln!(
            text,
            "    /// Documentation of {index}.\n    #[{attribute}(\"name:{index}\"{includes})]\n    V{index},"
        )
        .expect("a string takes everything");
    }
    text + "}\n"
}
