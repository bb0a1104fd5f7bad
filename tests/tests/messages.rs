//! Every message is seen by somebody before a user sees it: each text in the sources that can
//! become a compile error stands in some `.stderr` of `ui`.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that finds something else than it expects has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// Text that can't stand in a `.stderr`, each with the reason.
const UNSEEN: &[(&str, &str)] = &[
    ("errors were collected and not read", "a mistake in the macro, not in its input"),
    ("Stands for the function `", "documentation of a generated type"),
    ("this can't be read, and could hold a function", "an item that only a newer compiler knows"),
    ("have one hash, by which names are found", "nobody has two such names"),
];

#[test]
fn every_message_of_the_macros_stands_in_a_stderr() {
    let seen = everything_seen();
    let mut unseen = Vec::new();
    for file in files(&root().join("authz-macros/src"), "rs") {
        // What the tests of the crate say is said to nobody else.
        let inside = file.strip_prefix(root()).expect("a file of the workspace");
        if inside
            .components()
            .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
        {
            continue;
        }
        for text in prose(&parsed(&file)) {
            check(&text, &seen, &file, &mut unseen);
        }
    }
    assert!(unseen.is_empty(), "messages in no .stderr:\n{}", unseen.join("\n"));
}

#[test]
fn every_message_of_const_evaluation_and_of_trait_bounds_stands_in_a_stderr() {
    let seen = everything_seen();
    let mut unseen = Vec::new();
    let mut found = 0;
    for file in files(&root().join("authz-core/src"), "rs") {
        for text in pushed_or_diagnosed(parsed(&file)) {
            found += 1;
            check(&text, &seen, &file, &mut unseen);
        }
    }
    assert!(found > 20, "only {found} messages were found; does the search still work?");
    assert!(unseen.is_empty(), "messages in no .stderr:\n{}", unseen.join("\n"));
}

#[test]
fn every_mistake_has_a_stderr_and_every_kind_a_neighbour_that_compiles() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    for folder in fs::read_dir(&ui).expect("the folder of the tests") {
        let folder = folder.expect("an entry").path();
        let kind = folder.file_name().expect("a name").to_string_lossy().into_owned();
        if kind == "pass" {
            continue;
        }
        let mistakes = files(&folder, "rs");
        assert!(!mistakes.is_empty(), "`{kind}` has no tests");
        for mistake in mistakes {
            let told = mistake.with_extension("stderr");
            assert!(told.exists(), "{} does not say how it is told", mistake.display());
        }
        for told in files(&folder, "stderr") {
            assert!(told.with_extension("rs").exists(), "{} is of no test", told.display());
        }
        let neighbour = ui.join("pass").join(format!("{kind}.rs"));
        assert!(neighbour.exists(), "{} is missing", neighbour.display());
    }
}

#[test]
fn no_stderr_names_a_place_of_one_machine() {
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"), "stderr") {
        let text = fs::read_to_string(&file).expect("a text");
        let here = root().display().to_string();
        for place in ["/home/", "/root/", "/tmp/", "/Users/", ":\\", &here] {
            assert!(!text.contains(place), "{} names `{place}`", file.display());
        }
    }
}

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the workspace").to_owned()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn everything_seen() -> String {
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"), "stderr");
    files.iter().map(|file| fs::read_to_string(file).expect("a text")).collect()
}

/// The tokens of a file without its unit tests.
fn parsed(file: &Path) -> TokenStream {
    let text = fs::read_to_string(file).expect("a source");
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The strings that read like prose, outside of attributes: three words or more.
fn prose(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            // Attributes and documentation speak to readers of the source.
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                if matches!(tokens.peek(), Some(TokenTree::Punct(bang)) if bang.as_char() == '!') {
                    tokens.next();
                }
                tokens.next_if(|next| matches!(next, TokenTree::Group(_)));
            }
            TokenTree::Group(group) => found.extend(prose(&group.stream())),
            TokenTree::Literal(literal) => {
                found.extend(string(&literal.to_string()).filter(|text| {
                    text.split_whitespace().filter(|word| is_word(word)).count() > 2
                }));
            }
            _ => {}
        }
    }
    found
}

/// What goes into a `Message`, and into `#[diagnostic::on_unimplemented]`.
fn pushed_or_diagnosed(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = [String::new(), String::new()];
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            if matches!(before[1].as_str(), "push" | "on_unimplemented") {
                found.extend(literals(&inner));
            }
            found.extend(pushed_or_diagnosed(group.stream()));
        }
        before = [std::mem::take(&mut before[1]), token.to_string()];
    }
    found.retain(|text| text.split_whitespace().filter(|word| is_word(word)).count() > 1);
    found
}

fn literals(tokens: &[TokenTree]) -> Vec<String> {
    tokens
        .iter()
        .filter_map(|token| match token {
            TokenTree::Literal(literal) => string(&literal.to_string()),
            _ => None,
        })
        .collect()
}

fn is_word(word: &str) -> bool {
    word.len() > 1 && word.chars().all(|letter| letter.is_alphabetic() || ",;'".contains(letter))
}

/// The value of a string literal.
fn string(literal: &str) -> Option<String> {
    syn::parse_str::<syn::LitStr>(literal).ok().map(|literal| literal.value())
}

/// Compares the longest stretch between two placeholders: what a message always says.
fn check(text: &str, seen: &str, file: &Path, unseen: &mut Vec<String>) {
    let fixed = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let longest = fixed
        .split(['{', '}'])
        .step_by(2)
        .max_by_key(|piece| piece.len())
        .unwrap_or_default()
        .replace('\u{1}', "{")
        .replace('\u{2}', "}");
    if seen.contains(&longest) || UNSEEN.iter().any(|(known, _)| longest.contains(known)) {
        return;
    }
    unseen.push(format!("{}: {text}", file.file_name().unwrap_or_default().to_string_lossy()));
}
