//! `manifest`, `who`, `can` and `why`: questions about the program as it is.

use std::fmt::Write as _;

use authz_manifest::{Function, Manifest, Requirement, Resource};
use serde::Serialize;

use super::{Answer, find, identity, side, too_complex, vocabulary};
use crate::cli::{CanArgs, Form, ManifestArgs, WhoArgs, WhyArgs};
use crate::drift::{objects_of, sees_any_owner};
use crate::failure::Failure;
use crate::fields;
use crate::identity::{Caller, Identity};
use crate::meaning::{self, Edit, Leaf, Passing, Side, Vocabulary};
use crate::output::{BOLD, DIM, GREEN, RED, counted};
use crate::program;
use crate::scopes;

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
    let count = counted(program.manifest.functions.len() as u64, "guarded function");
    let files: Vec<_> = program.files.iter().map(|file| file.display().to_string()).collect();
    let note = Some(format!("{count} in {}", files.join(", ")));
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
    /// Where the function opens objects, the weakest who see those of any owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    sees_any_owner: Option<Vec<Caller>>,
}

/// Prints the identities of which no weaker one passes.
///
/// # Errors
///
/// When there is no such function, or its requirement can't be decided.
pub fn who(args: &WhoArgs) -> Result<Answer, Failure> {
    let manifest = fields::among_functions(program::load(&args.source)?.manifest);
    let function = find(&manifest, &args.function)?;
    let written = function;
    let judged = scopes::judged(&manifest, args.scopes_of_roles);
    let function = find(&judged, &written.id)?;
    let vocabulary = vocabulary(&manifest, function)?;
    let asked = asks_for_a_scope(&written.requirement);
    let note = not_counted(&manifest, args.scopes_of_roles || !asked);
    let passing =
        meaning::minimal(side(&vocabulary, function)).map_err(|_| too_complex(function))?;
    let Passing { listed: passing, count } = passing;
    let any_owner = match function.object {
        Some(_) => Some(who_sees_any_owner(&vocabulary, function)?),
        None => None,
    };
    if args.format == Form::Json {
        return Ok(Answer::json(&Who {
            function: written,
            passing,
            count,
            sees_any_owner: any_owner,
        }));
    }
    let mut text = heading(written);
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
    match any_owner.as_deref() {
        None => {}
        Some([]) => text.push_str("  sees    own objects only\n"),
        Some(callers) if callers == passing => {
            text.push_str("  sees    the objects of any owner\n");
        }
        Some(callers) => {
            text.push_str("  sees    own objects\n");
            for caller in callers {
                let _ = writeln!(text, "  {RED}any owner's{RED:#}  {caller}");
            }
        }
    }
    Ok(Answer { note, ..Answer::of(text) })
}

/// The weakest who see the objects of any owner in a function.
fn who_sees_any_owner(
    vocabulary: &Vocabulary,
    function: &Function,
) -> Result<Vec<Caller>, Failure> {
    let seen = sees_any_owner(function);
    let side = Side { requirement: &seen, ..side(vocabulary, function) };
    Ok(meaning::minimal(side).map_err(|_| too_complex(function))?.listed)
}

/// What an answer has to say of scopes, where it counts them as tokens name them and roles grant some.
fn not_counted(manifest: &Manifest, of_roles: bool) -> Option<String> {
    (!of_roles && scopes::has_grants(manifest)).then(|| scopes::NOT_COUNTED.to_owned())
}

fn heading(function: &Function) -> String {
    format!(
        "{BOLD}{}{BOLD:#} {DIM}{}{DIM:#}\n  needs   {}\n",
        function.id,
        at(function),
        function.needs()
    )
}

fn asks_for_a_scope(requirement: &Requirement) -> bool {
    meaning::leaves(requirement).iter().any(|leaf| matches!(leaf, Leaf::Scope(_)))
}

fn has_not(requirement: &Requirement) -> bool {
    requirement.to_string().contains("not(")
}

#[derive(Serialize)]
struct Can<'a> {
    caller: &'a Caller,
    reaches: Vec<Reached<'a>>,
}

/// A function that a caller reaches.
#[derive(Serialize)]
struct Reached<'a> {
    #[serde(flatten)]
    function: &'a Function,
    /// Whose objects the caller sees there, where the function opens objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    sees: Option<&'static str>,
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
        (Caller::Nobody, public.map(|function| Reached { function, sees: None }).collect())
    } else {
        let policy = identity::policy(&manifest, &args.who)?;
        let caller = Caller::Somebody(identity::identity(policy, &args.who)?);
        let judged = scopes::judged(&manifest, args.scopes_of_roles);
        let reaches = reached((&manifest, &judged), &policy.id, &caller)?;
        (caller, reaches)
    };
    if args.format == Form::Json {
        return Ok(Answer::json(&Can { caller: &caller, reaches }));
    }
    let mut text = String::new();
    for Reached { function, sees } in &reaches {
        let body = if function.kind == "manual" { ", where the body decides the rest" } else { "" };
        let sees = sees.map(|sees| format!(", {sees}")).unwrap_or_default();
        let place = at(function);
        let _ = writeln!(text, "{GREEN}{}{GREEN:#}{body}{sees} {DIM}{place}{DIM:#}", function.id);
    }
    let functions = counted(manifest.functions.len() as u64, "function");
    let mut notes = vec![format!("{} of {functions}: {caller}", reaches.len())];
    let asked = manifest.functions.iter().any(|function| asks_for_a_scope(&function.requirement));
    notes.extend(not_counted(&manifest, args.scopes_of_roles || args.nobody || !asked));
    Ok(Answer { text, note: Some(notes.join("\n")), finding: false })
}

/// What a caller reaches under a policy, and what is public under any other.
fn reached<'a>(
    (manifest, judged): (&'a Manifest, &Manifest),
    policy: &str,
    caller: &Caller,
) -> Result<Vec<Reached<'a>>, Failure> {
    let mut reached = Vec::new();
    let mut known = None;
    for (function, judged) in manifest.functions.iter().zip(&judged.functions) {
        if function.policy != policy {
            let public = Some(function).filter(|function| function.kind == "public");
            reached.extend(public.map(|function| Reached { function, sees: None }));
            continue;
        }
        let vocabulary = match &known {
            Some(vocabulary) => vocabulary,
            None => known.insert(vocabulary(manifest, function)?),
        };
        if vocabulary.permits(&function.kind, &judged.requirement, caller) {
            let sees = objects_of(vocabulary, judged, caller);
            reached.push(Reached { function, sees });
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
    let judged = scopes::judged(&manifest, args.scopes_of_roles);
    let vocabulary = vocabulary(&manifest, function)?;
    let policy = match manifest.policies.iter().find(|policy| policy.id == function.policy) {
        Some(policy) if args.who.policy.is_none() => policy,
        _ => identity::policy(&manifest, &args.who)?,
    };
    let identity = identity::identity(policy, &args.who)?;
    let edits = meaning::why(side(&vocabulary, find(&judged, &function.id)?), &identity)
        .map_err(|_| too_complex(function))?;
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
    let asked = asks_for_a_scope(&function.requirement) && !passes;
    let note = not_counted(&manifest, args.scopes_of_roles || !asked);
    Ok(Answer { text, note, finding: !passes })
}
