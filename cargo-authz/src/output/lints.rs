//! What the lints found, in each form.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Around, BOLD, DIM, RED, YELLOW, github, markdown, sarif};
use crate::cli::Report;
use crate::lint::{Finding, LINTS, Level};
use crate::text;

/// The findings, in the form asked for; one about a name of the policy is marked in the lock.
#[must_use]
pub(crate) fn lints(findings: &[Finding], form: Report, around: Around<'_>) -> String {
    match form {
        Report::Human => findings.iter().map(human).collect(),
        Report::Json => text::json(&json!({ "format": 1, "findings": findings })),
        Report::Github => findings.iter().map(annotation).collect(),
        Report::Sarif => log(findings, around),
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

fn log(findings: &[Finding], around: Around<'_>) -> String {
    let rules: Vec<Value> = LINTS
        .iter()
        .map(|lint| {
            let mut rule = sarif::rule(lint.id, lint.finds, word(lint.level));
            for member in ["fullDescription", "help"] {
                if let Some(text) = rule.get_mut(member).and_then(|member| member.get_mut("text")) {
                    *text = json!(lint.page);
                }
            }
            rule
        })
        .collect();
    let results = findings.iter().map(|finding| {
        let Finding { lint, level, subject, file, line, message } = finding;
        let place = Some((file.as_str(), *line)).filter(|(file, _)| !file.is_empty());
        let text = format!("{subject}: {message}");
        sarif::result(
            (lint, word(*level)),
            &text,
            place.unwrap_or_else(|| around.in_lock(|line| line.contains(subject.as_str()))),
            subject,
        )
    });
    sarif::log(&rules, results.collect())
}

fn table(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "**Access lints:** nothing found.\n".to_owned();
    }
    let mut text = String::from("| | lint | about | |\n|---|---|---|---|\n");
    for Finding { lint, level, subject, message, .. } in findings {
        let message = markdown::escaped(message);
        let subject = markdown::code(subject);
        let _ = writeln!(text, "| {} | `{lint}` | {subject} | {message} |", word(*level));
    }
    text
}
