//! Every public trait of the core is implemented by generated code alone, and says so with `SEAL`, or is named
//! here with who may implement it.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

use std::fs;
use std::path::Path;

use syn::{Item, ItemTrait, TraitItem, Visibility};

/// Traits without `SEAL`, and why.
const OTHERS: [(&str, &str); 21] = [
    ("Access", "not nameable: a private module"),
    ("Authenticator", "users implement it"),
    ("Bits", "sealed by a private supertrait"),
    ("CarriesIdentity", "in `__private`"),
    ("Closed", "not nameable: a private module"),
    ("Content", "sealed by a private supertrait"),
    ("HttpClient", "users implement it"),
    ("Id", "users implement it"),
    ("IsPolicy", "in `__private`"),
    ("Mount", "sealed by the supertrait `Access`"),
    ("Part", "names a type that can't be named"),
    ("PastMasks", "in `__private`"),
    ("PolicyOfCrate", "in `__private`"),
    ("Refuse", "in `__private`"),
    ("ReplayStore", "users implement it"),
    ("RequestExt", "of a foreign type, and gives what `Guard` gives"),
    ("Routed", "users implement it"),
    ("Sealed", "not nameable: a private module"),
    ("Serves", "in `__private`"),
    ("Sink", "users implement it"),
    ("UnderPolicy", "in `__private`"),
];

#[test]
fn every_trait_is_sealed_or_meant_for_users() {
    let mut traits = Vec::new();
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("authz-core");
    read(&core.join("src"), &mut traits);
    let sealed = traits.iter().filter(|it| is_sealed(it)).map(|it| it.ident.to_string());
    let mut sealed: Vec<_> = sealed.collect();
    sealed.sort();
    assert_eq!(
        sealed,
        [
            "ChecksObjects",
            "Guarded",
            "OpenToAll",
            "Policy",
            "Protected",
            "Protected",
            "Protected",
            "ReadMask",
            "Resource",
            "Roles",
            "Rule",
            "Scopes",
            "Shown",
            "Vocabulary",
            "WriteMask",
        ]
    );
    let mut open: Vec<_> =
        traits.iter().filter(|it| !is_sealed(it)).map(|it| it.ident.to_string()).collect();
    open.sort();
    open.dedup();
    assert_eq!(open, OTHERS.map(|(name, _)| name));
}

fn is_sealed(item: &ItemTrait) -> bool {
    item.items.iter().any(
        |item| matches!(item, TraitItem::Const(it) if it.ident == "SEAL" && it.default.is_none()),
    )
}

fn read(folder: &Path, traits: &mut Vec<ItemTrait>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, traits);
        } else if path.extension().is_some_and(|it| it == "rs") && !is_test(&path) {
            let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            file.items.into_iter().for_each(|item| find(item, traits));
        }
    }
}

fn is_test(path: &Path) -> bool {
    path.components().any(|it| it.as_os_str() == "tests") || path.ends_with("tests.rs")
}

fn find(item: Item, traits: &mut Vec<ItemTrait>) {
    match item {
        Item::Trait(item) if matches!(item.vis, Visibility::Public(_)) => traits.push(item),
        Item::Mod(module) => {
            let items = module.content.map(|(_, items)| items).unwrap_or_default();
            for item in items {
                find(item, traits);
            }
        }
        _ => {}
    }
}
