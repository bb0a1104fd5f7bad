//! `manifest`, `who`, `can` and `why`: questions about the program as it is.

use std::fmt::Write as _;

use authz_manifest::{Function, Manifest, Resource};
use serde::Serialize;

use super::{Answer, find, identity, side, too_complex, vocabulary};
use crate::cli::{CanArgs, Form, ManifestArgs, WhoArgs, WhyArgs};
use crate::failure::Failure;
use crate::fields;
use crate::identity::{Caller, Identity};
use crate::meaning::{self, Edit, Passing};
use crate::output::{BOLD, DIM, GREEN, RED};
use crate::program;

/// Prints what every guarded function needs, and which fields of which resource are for whom.
///
/// # Errors
///
/// When there is no program to read.
pub fn manifest(args: &ManifestArgs) -> Result<Answer, Failure> {
    let program = program::load(&args.source)?;
    if args.format == Form::Json {
        return Ok(Answer::json(&program.recorded));
    }
    let mut text = String::new();
    for function in &program.manifest.functions {
        let _ = writeln!(text, "{BOLD}{}{BOLD:#} {DIM}{}{DIM:#}", function.id, at(function));
        let _ = writeln!(text, "  {}", function.needs());
        if let Some(shadow) = &function.shadow {
            let _ = writeln!(text, "  {DIM}shadow {shadow}, which denies nobody{DIM:#}");
        }
    }
    for resource in &program.manifest.resources {
        let Resource { id, file, line, fields, .. } = resource;
        let _ = writeln!(text, "{BOLD}{id}{BOLD:#} {DIM}{file}:{line}{DIM:#}");
        let whose = resource.whose();
        if !whose.is_empty() {
            let _ = writeln!(text, "  {}", whose.join(", "));
        }
        for field in fields {
            let _ = writeln!(text, "  {} {}", field.name, field.in_words().join(", "));
        }
    }
    let count = program.manifest.functions.len();
    let files: Vec<_> = program.files.iter().map(|file| file.display().to_string()).collect();
    let note = Some(format!("{count} guarded functions in {}", files.join(", ")));
    Ok(Answer { text, note, finding: false })
}

fn at(function: &Function) -> String {
    let route = function.route.iter().map(|route| format!(" {route}"));
    route
        .chain([format!(" {}:{}", function.file, function.line)])
        .collect::<String>()
        .trim()
        .to_owned()
}

#[derive(Serialize)]
struct Who<'a> {
    function: &'a Function,
    /// Those that are listed.
    passing: Vec<Caller>,
    /// How many there are.
    count: u64,
}

/// Prints the identities of which no weaker one passes.
///
/// # Errors
///
/// When there is no such function, or its requirement can't be decided.
pub fn who(args: &WhoArgs) -> Result<Answer, Failure> {
    let manifest = fields::among_functions(program::load(&args.source)?.manifest);
    let function = find(&manifest, &args.function)?;
    let vocabulary = vocabulary(&manifest, function)?;
    let passing =
        meaning::minimal(side(&vocabulary, function)).map_err(|_| too_complex(function))?;
    let Passing { listed: passing, count } = passing;
    if args.format == Form::Json {
        return Ok(Answer::json(&Who { function, passing, count }));
    }
    let mut text = heading(function);
    for caller in &passing {
        let _ = writeln!(text, "  {GREEN}passes{GREEN:#}  {caller}");
    }
    if count > passing.len() as u64 {
        let first = passing.len();
        let _ = writeln!(
            text,
            "  {DIM}these are {first} of {count} that hold no more than they need{DIM:#}"
        );
    }
    if passing.is_empty() {
        let _ = writeln!(text, "  {RED}nobody passes{RED:#}: the requirement contradicts itself");
    } else if has_not(&function.requirement) {
        let _ = writeln!(text, "  {DIM}holding more may be refused: there is a `not`{DIM:#}");
    }
    Ok(Answer::of(text))
}

fn heading(function: &Function) -> String {
    format!(
        "{BOLD}{}{BOLD:#} {DIM}{}{DIM:#}\n  needs   {}\n",
        function.id,
        at(function),
        function.needs()
    )
}

fn has_not(requirement: &authz_manifest::Requirement) -> bool {
    requirement.to_string().contains("not(")
}

#[derive(Serialize)]
struct Can<'a> {
    caller: &'a Caller,
    reaches: Vec<&'a Function>,
}

/// Prints everything that an identity reaches.
///
/// # Errors
///
/// When there is no program to read, or a name is unknown.
pub fn can(args: &CanArgs) -> Result<Answer, Failure> {
    let manifest = program::load(&args.source)?.manifest;
    let (caller, reaches) = if args.nobody {
        let public = manifest.functions.iter().filter(|function| function.kind == "public");
        (Caller::Nobody, public.collect())
    } else {
        let policy = identity::policy(&manifest, &args.who)?;
        let caller = Caller::Somebody(identity::identity(policy, &args.who)?);
        let reaches = reached(&manifest, &policy.id, &caller)?;
        (caller, reaches)
    };
    if args.format == Form::Json {
        return Ok(Answer::json(&Can { caller: &caller, reaches }));
    }
    let mut text = String::new();
    for function in &reaches {
        let body = if function.kind == "manual" { ", where the body decides the rest" } else { "" };
        let place = at(function);
        let _ = writeln!(text, "{GREEN}{}{GREEN:#}{body} {DIM}{place}{DIM:#}", function.id);
    }
    let note = format!("{} of {} functions: {caller}", reaches.len(), manifest.functions.len());
    Ok(Answer { text, note: Some(note), finding: false })
}

/// What a caller reaches under a policy, and what is public under any other.
fn reached<'a>(
    manifest: &'a Manifest,
    policy: &str,
    caller: &Caller,
) -> Result<Vec<&'a Function>, Failure> {
    let mut reached = Vec::new();
    let mut known = None;
    for function in &manifest.functions {
        if function.policy != policy {
            reached.extend(Some(function).filter(|function| function.kind == "public"));
            continue;
        }
        let vocabulary = match &known {
            Some(vocabulary) => vocabulary,
            None => known.insert(vocabulary(manifest, function)?),
        };
        if vocabulary.permits(&function.kind, &function.requirement, caller) {
            reached.push(function);
        }
    }
    Ok(reached)
}

#[derive(Serialize)]
struct Why<'a> {
    function: &'a Function,
    identity: &'a Identity,
    passes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_pass: Option<&'a [Edit]>,
}

/// Prints the smallest change of an identity that passes.
///
/// # Errors
///
/// When there is no such function, or a name is unknown.
pub fn why(args: &WhyArgs) -> Result<Answer, Failure> {
    let manifest = fields::among_functions(program::load(&args.source)?.manifest);
    let function = find(&manifest, &args.function)?;
    let vocabulary = vocabulary(&manifest, function)?;
    let policy = match manifest.policies.iter().find(|policy| policy.id == function.policy) {
        Some(policy) if args.who.policy.is_none() => policy,
        _ => identity::policy(&manifest, &args.who)?,
    };
    let identity = identity::identity(policy, &args.who)?;
    let edits =
        meaning::why(side(&vocabulary, function), &identity).map_err(|_| too_complex(function))?;
    let passes = edits.as_ref().is_some_and(Vec::is_empty);
    if args.format == Form::Json {
        let would_pass = edits.as_deref();
        let why = Why { function, identity: &identity, passes, would_pass };
        return Ok(Answer { finding: !passes, ..Answer::json(&why) });
    }
    let mut text = heading(function);
    match &edits {
        Some(edits) if edits.is_empty() => {
            let _ = writeln!(text, "  {GREEN}passes{GREEN:#}  {identity}");
        }
        Some(edits) => {
            let _ = writeln!(text, "  {RED}refuses{RED:#} {identity}");
            let edits: Vec<_> = edits.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "  {GREEN}would pass{GREEN:#} {}", edits.join(", "));
        }
        None => {
            let _ =
                writeln!(text, "  {RED}nobody passes{RED:#}: the requirement contradicts itself");
        }
    }
    Ok(Answer { text, note: None, finding: !passes })
}
