//! Holds the picture in `ARCHITECTURE.md`: which of our packages may depend on which, and who builds no C.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that finds something else has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Each library and tool with the packages of ours that it may depend on, dependencies of tests left out.
const ALLOWED: [(&str, &[&str]); 5] = [
    ("authz-macros", &[]),
    ("authz-manifest", &[]),
    ("authz-core", &["authz-macros", "authz-manifest"]),
    ("authz-accounts", &["authz-core"]),
    ("cargo-authz", &["authz-manifest"]),
];

/// Packages whose build needs no compiler for C.
const WITHOUT_C: [&str; 3] = ["authz-macros", "authz-manifest", "cargo-authz"];

/// The packages of `cargo metadata`, and what each of them depends on.
struct Packages {
    named: BTreeMap<String, Value>,
    arrows: BTreeMap<String, BTreeSet<String>>,
}

impl Packages {
    fn read() -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--all-features", "--locked"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let named = packages.iter().map(|package| (id(package), package.clone())).collect();
        let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
        let arrows = nodes.iter().map(|node| {
            let built = |kind: &Value| kind["kind"] != "dev" && kind["target"].is_null();
            let dependencies = node["deps"].as_array().unwrap().iter();
            let dependencies = dependencies
                .filter(|arrow| arrow["dep_kinds"].as_array().unwrap().iter().any(built))
                .map(|arrow| arrow["pkg"].as_str().unwrap().to_owned());
            (id(node), dependencies.collect())
        });
        Self { named, arrows: arrows.collect() }
    }

    fn name(&self, id: &str) -> &str {
        self.named[id]["name"].as_str().unwrap()
    }

    /// The package of ours with this name.
    fn ours(&self, name: &str) -> &str {
        let ours = |(id, package): &(&String, &Value)| {
            package["source"].is_null() && self.name(id) == name
        };
        self.named.iter().find(ours).unwrap().0
    }

    /// The packages that are built for this one.
    fn tree<'a>(&'a self, id: &'a str) -> BTreeSet<&'a str> {
        let (mut found, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.arrows[id].iter().map(String::as_str));
            }
        }
        found
    }
}

#[test]
fn packages_depend_on_those_below_them_alone() {
    let packages = Packages::read();
    for (name, allowed) in ALLOWED {
        let arrows = &packages.arrows[packages.ours(name)];
        let ours = arrows.iter().filter(|id| packages.named[*id]["source"].is_null());
        let found: BTreeSet<_> = ours.map(|id| packages.name(id)).collect();
        assert_eq!(found, allowed.iter().copied().collect(), "{name}");
    }
}

#[test]
fn the_tool_builds_no_c() {
    let packages = Packages::read();
    // What is built with a compiler for C says `links`, so that it is there once.
    let native = |name| {
        let tree = packages.tree(packages.ours(name));
        let native = tree.into_iter().filter(|id| {
            !packages.named[*id]["links"].is_null() || ["cc", "cmake"].contains(&packages.name(id))
        });
        native.map(|id| packages.name(id)).collect::<BTreeSet<_>>()
    };
    for name in WITHOUT_C {
        assert_eq!(native(name), BTreeSet::new(), "{name}");
    }
    // The question finds what there is.
    assert!(native("authz-core").contains("aws-lc-sys"));
}
