//! Tables of Markdown are whole: a row that stands alone, without the head of its table above, is shown as text
//! with bars in it.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_row_of_a_table_stands_below_its_head() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for folder in [".", "authz-core/src/docs", "cargo-authz", "docs", "tests", "tests/compile-cost"]
    {
        let entries = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|path| path.extension().is_some_and(|it| it == "md")));
    }
    assert!(files.len() > 20, "{files:?}");
    let cut: Vec<String> = files.iter().flat_map(cut_rows).collect();
    assert!(cut.is_empty(), "rows without a head: {cut:#?}");
}

/// Rows that begin a run of rows, and are not followed by the line that makes them a head.
fn cut_rows(path: &PathBuf) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut cut = Vec::new();
    let (mut before, mut code) = ("", false);
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        code ^= line.trim_start().starts_with("```");
        let begins = !code && line.starts_with('|') && !before.starts_with('|');
        let is_rule =
            |line: &str| line.starts_with('|') && line.chars().all(|it| "|-: ".contains(it));
        if begins && !lines.peek().is_some_and(|(_, next)| is_rule(next)) {
            cut.push(format!("{}:{}", path.display(), number + 1));
        }
        before = line;
    }
    cut
}
