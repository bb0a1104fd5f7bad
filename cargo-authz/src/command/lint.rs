//! `lint`: what is probably not meant.

use std::fmt::Write as _;

use super::{Answer, unknown};
use crate::cli::LintArgs;
use crate::failure::Failure;
use crate::lint::{Config, LINTS, Level, find, run};
use crate::output::{self, Around, BOLD, counted};
use crate::program;

/// Looks for what is probably not meant.
///
/// # Errors
///
/// When there is no program to read, or the configuration can't be used.
pub fn lint(args: &LintArgs) -> Result<Answer, Failure> {
    if args.list {
        let mut text = String::new();
        for lint in LINTS {
            let level = if lint.level == Level::Deny { "deny" } else { "warn" };
            let _ = writeln!(text, "{BOLD}{:<17}{BOLD:#} {level}  {}", lint.id, lint.finds);
        }
        return Ok(Answer::of(text));
    }
    if let Some(id) = &args.explain {
        let ids = LINTS.iter().map(|lint| lint.id);
        let lint = find(id).ok_or_else(|| Failure::Unknown(unknown("lint", id, ids)))?;
        return Ok(Answer::of(format!(
            "{BOLD}{}{BOLD:#}: {}\n\n{}",
            lint.id, lint.finds, lint.page
        )));
    }
    let program = program::load(&args.source)?;
    let path = args.config.clone().unwrap_or_else(|| program.directory.join("authz.toml"));
    if args.config.is_some() && !path.exists() {
        let reason = "it does not exist".to_owned();
        return Err(Failure::Unusable { path, reason });
    }
    let findings = run(&program.manifest, &Config::read(&path)?)?;
    let denied = |level: Level| level == Level::Deny || args.deny_warnings;
    let finding = findings.iter().any(|finding| denied(finding.level));
    let found = counted(findings.len() as u64, "finding");
    let functions = counted(program.manifest.functions.len() as u64, "function");
    let lock = program.directory.join("authz.lock");
    let lock_text = std::fs::read_to_string(&lock).unwrap_or_default();
    let lock = lock.display().to_string();
    let around = Around { remedy: "", lock: &lock, lock_text: &lock_text };
    let text = output::lints(&findings, args.format, around);
    Ok(Answer { text, note: Some(format!("{found} in {functions}")), finding })
}
