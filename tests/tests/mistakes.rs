//! The manual's page of mistakes is what the compiler says: made of the `.stderr` files, and compared
//! with them. `AUTHZ_UPDATE=1 cargo test -p authz-tests --test mistakes` writes it anew.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Each kind of mistake with its heading, in the order of the page.
const KINDS: &[(&str, &str)] = &[
    ("names", "Names that the policy does not have"),
    ("meaning", "Requirements that mean nothing, or too much"),
    ("args", "What stands between the parentheses"),
    ("item", "Where the attribute stands"),
    ("block", "Blocks of functions"),
    ("rule", "Rules"),
    ("router", "Routers and handlers"),
    ("actix", "Apps of actix-web"),
    ("grpc", "Services of gRPC"),
    ("tower", "Layers of tower"),
    ("identity", "Where the identity comes from"),
    ("proof", "Guards and identities made by hand"),
    ("object", "Sealed objects"),
    ("field", "Fields that are not for everybody"),
    ("vocabulary", "Roles and scopes"),
    ("policy", "The policy"),
];

const HEAD: &str = "\
Every mistake that the compiler finds, with the words in which it says so.

Made of the tests that compile each of them. A message of the form \"evaluation panicked\" is one
that the compiler got by evaluating the policy's own tables; here it stands without that prefix.

# Routers that are being built

Two mistakes are found when a route is made, which is before a program serves anything: the router
panics at the `get(...)` or `to(...)`.

| says | because |
|---|---|
| the handler `shop::payroll` takes the proof of `shop::health`, and says nothing itself about who may call it; put `#[requires(...)]`, `#[public(...)]` or `#[manual(...)]` on the handler, which is a function of its own | a function, a closure or a function pointer whose first argument is `Guard<f>` or `Open<f>` of another function `f` |
| `shop::wipe` names 2 functions: src/shop.rs:7, src/shop.rs:15; no lock, log or listing could tell which is meant: put `#[requires(...)]` on the `impl` block, which gives its functions the name of the type, or rename one of them | methods of one name that are annotated one by one in one module, or functions of one name inside of functions |

Services of tonic, layers of tower and functions that are called directly name no handler: there the type
system alone connects a function and its proof, and the `impl` of a service is read as a whole.
";

#[test]
fn the_page_of_mistakes_says_what_the_compiler_says() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = page(&tests.join("ui"));
    let place = tests.join("../authz-core/src/docs/mistakes.md");
    if std::env::var_os("AUTHZ_UPDATE").is_some() {
        assert!(std::env::var_os("CI").is_none(), "the page is not rewritten where CI runs");
        fs::write(&place, &page).unwrap();
    }
    let kept = fs::read_to_string(&place).unwrap();
    let first = kept.lines().zip(page.lines()).find(|(kept, page)| kept != page);
    assert!(
        kept == page,
        "docs/mistakes.md is not what the .stderr files say, first at {first:?}; write it anew with \
         `AUTHZ_UPDATE=1 cargo test -p authz-tests --test mistakes`"
    );
}

#[test]
fn every_kind_of_mistake_is_on_the_page() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut kinds: Vec<String> = fs::read_dir(ui)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|kind| kind != "pass")
        .collect();
    kinds.sort();
    let mut listed: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
    listed.sort_unstable();
    assert_eq!(kinds, listed);
}

fn page(ui: &Path) -> String {
    let mut page = HEAD.to_owned();
    for (kind, heading) in KINDS {
        let rows: Vec<Row> =
            stderr_files(&ui.join(kind)).iter().flat_map(|file| rows(file)).collect();
        assert!(!rows.is_empty(), "{kind}");
        write!(page, "\n# {heading}\n\n| mistake | message |\n|---|---|\n").unwrap();
        let mut written: Vec<&Row> = Vec::new();
        for row in &rows {
            if !written.contains(&row) {
                written.push(row);
                writeln!(page, "| `` {} `` | {} |", cell(&row.code), prose(&row.message)).unwrap();
            }
        }
    }
    page
}

#[derive(PartialEq, Eq)]
struct Row {
    code: String,
    message: String,
}

fn stderr_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "stderr"))
        .collect();
    files.sort();
    files
}

/// Each error of a file: its message and the line of code that it points at.
fn rows(file: &Path) -> Vec<Row> {
    let text = fs::read_to_string(file).unwrap();
    let source = fs::read_to_string(file.with_extension("rs")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut rows = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Some(message) = message(line) else { continue };
        let place = lines.iter().skip(number).find_map(|line| line.trim().strip_prefix("--> "));
        let Some(line) = place.and_then(|place| place.split(':').nth(1)) else { continue };
        let line: usize = line.parse().unwrap();
        // A place in another file is not the user's line.
        let Some(code) = source.lines().nth(line - 1) else { continue };
        rows.push(Row { code: code.trim().to_owned(), message: message.to_owned() });
    }
    rows
}

fn message(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("error")?;
    let message = match rest.strip_prefix('[') {
        Some(code) => code.split_once("]: ")?.1,
        None => rest.strip_prefix(": ")?,
    };
    Some(message.strip_prefix("evaluation panicked: ").unwrap_or(message))
}

/// Code in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A message in a cell: what is not in backticks is no markup.
fn prose(text: &str) -> String {
    let pieces = text.split('`').enumerate().map(|(position, piece)| {
        if position % 2 == 1 {
            cell(piece)
        } else {
            let mut plain = String::new();
            for character in piece.chars() {
                if matches!(character, '|' | '[' | ']' | '<' | '>' | '*' | '_' | '#' | '\\') {
                    plain.push('\\');
                }
                plain.push(character);
            }
            plain
        }
    });
    pieces.collect::<Vec<_>>().join("`")
}
