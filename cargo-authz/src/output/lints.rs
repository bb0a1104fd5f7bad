//! What the lints found, in each form.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{BOLD, DIM, RED, YELLOW, github, markdown, sarif};
use crate::cli::Report;
use crate::lint::{Finding, LINTS, Level};
use crate::text;

/// The findings, in the form asked for.
#[must_use]
pub(crate) fn lints(findings: &[Finding], form: Report) -> String {
    match form {
        Report::Human => findings.iter().map(human).collect(),
        Report::Json => text::json(&json!({ "format": 1, "findings": findings })),
        Report::Github => findings.iter().map(annotation).collect(),
        Report::Sarif => log(findings),
        Report::Markdown => table(findings),
    }
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Allow | Level::Warn => "warning",
    }
}

fn human(finding: &Finding) -> String {
    let Finding { lint, level, subject, file, line, message } = finding;
    let colour = if *level == Level::Deny { RED } else { YELLOW };
    let word = word(*level);
    let mut text = format!("{colour}{word}{colour:#}: {BOLD}{subject}{BOLD:#}: {message}\n");
    let place = if file.is_empty() { String::new() } else { format!("{file}:{line} ") };
    let _ = writeln!(text, "  {DIM}{place}cargo authz lint --explain {lint}{DIM:#}");
    text
}

fn annotation(finding: &Finding) -> String {
    let Finding { lint, level, subject, file, line, message } = finding;
    let place = if file.is_empty() {
        String::new()
    } else {
        format!("file={},line={line},", github::property(file))
    };
    let message = github::data(&format!("{subject}: {message}"));
    format!("::{} {place}title={}::{message}\n", word(*level), github::property(lint))
}

fn log(findings: &[Finding]) -> String {
    let rules: Vec<Value> = LINTS
        .iter()
        .map(|lint| {
            json!({
                "id": lint.id,
                "shortDescription": { "text": lint.finds },
                "fullDescription": { "text": lint.page },
            })
        })
        .collect();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "ruleId": finding.lint,
                "level": word(finding.level),
                "message": { "text": format!("{}: {}", finding.subject, finding.message) },
                "locations": sarif::locations(&finding.file, finding.line),
            })
        })
        .collect();
    sarif::log(&rules, &results)
}

fn table(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "**Access lints:** nothing found.\n".to_owned();
    }
    let mut text = String::from("| | lint | about | |\n|---|---|---|---|\n");
    for Finding { lint, level, subject, message, .. } in findings {
        let message = markdown::escaped(message);
        let _ = writeln!(text, "| {} | `{lint}` | `{subject}` | {message} |", word(*level));
    }
    text
}
