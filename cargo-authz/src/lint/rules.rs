//! How each lint finds what it finds.

use std::collections::{BTreeSet, HashMap, HashSet};

use authz_manifest::{Function, Manifest, Name, Policy, Requirement};

use super::{
    EMPTY_REASON, Finding, IMPLIED_PART, Lint, MUTATION_BY_READ, NEVER_REQUIRED, OPEN,
    POWERLESS_ROLE, UNREACHABLE,
};
use crate::drift::no_policy;
use crate::failure::Failure;
use crate::identity::{Caller, Identity};
use crate::meaning::{self, Leaf, Side, TooComplex, Verdict, Vocabulary};

pub(super) fn all(manifest: &Manifest) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let vocabularies: HashMap<_, _> = manifest
        .policies
        .iter()
        .map(|policy| (policy.id.as_str(), Vocabulary::new(policy)))
        .collect();
    for function in &manifest.functions {
        let vocabulary =
            vocabularies.get(function.policy.as_str()).ok_or_else(|| no_policy(function))?;
        let public = function.kind == "public";
        let side = Side { vocabulary, public, requirement: &function.requirement };
        let found = of_function(function, side);
        findings.extend(
            found.map_err(|TooComplex| Failure::TooComplex { function: function.id.clone() })?,
        );
    }
    for policy in &manifest.policies {
        if let Some(vocabulary) = vocabularies.get(policy.id.as_str()) {
            findings.extend(of_policy(manifest, policy, vocabulary)?);
        }
    }
    Ok(findings)
}

fn of_function(function: &Function, side: Side<'_>) -> Result<Vec<Finding>, TooComplex> {
    if function.kind != "requires" {
        return Ok(reason(function).into_iter().collect());
    }
    let mut findings = Vec::new();
    let Some(witness) = meaning::witness(side)? else {
        let message = "nobody can meet the requirement: it contradicts itself".to_owned();
        findings.push(about(function, &UNREACHABLE, message));
        return Ok(findings);
    };
    let anybody = witness == Caller::Somebody(Identity::default());
    if anybody && function.requirement != Requirement::Authenticated {
        let message = format!(
            "`{}` is met by every identity; write `authenticated` where that is meant",
            function.requirement
        );
        findings.push(about(function, &OPEN, message));
    }
    if let Some(part) = implied(side)? {
        let message = format!(
            "`{part}` changes nothing beside the other parts; leave it out, or write what was meant"
        );
        findings.push(about(function, &IMPLIED_PART, message));
    }
    findings.extend(mutation(function, side)?);
    Ok(findings)
}

fn about(function: &Function, lint: &Lint, message: String) -> Finding {
    Finding {
        lint: lint.id,
        level: lint.level,
        subject: function.id.clone(),
        file: function.file.clone(),
        line: function.line,
        message,
    }
}

/// Words that stand where a reason should.
const NO_REASONS: [&str; 14] = [
    "public",
    "manual",
    "open",
    "todo",
    "fixme",
    "tbd",
    "none",
    "test",
    "testing",
    "because",
    "reason",
    "no auth",
    "no reason",
    "n/a",
];

fn reason(function: &Function) -> Option<Finding> {
    let reason = function.reason.as_deref().unwrap_or_default().trim();
    let plain = reason.trim_matches(|other: char| !other.is_alphanumeric()).to_lowercase();
    let name = function.id.rsplit("::").next().unwrap_or_default();
    let letters = plain.chars().filter(|letter| letter.is_alphabetic()).count();
    let empty = letters < 4 || NO_REASONS.contains(&plain.as_str()) || plain == name;
    empty.then(|| {
        let message =
            format!("the reason `{reason}` does not say why the function may be {}", function.kind);
        about(function, &EMPTY_REASON, message)
    })
}

/// The first part that can be left out of a requirement without changing who passes.
fn implied(side: Side<'_>) -> Result<Option<Requirement>, TooComplex> {
    for (part, without) in without_one(side.requirement) {
        let comparison = meaning::compare(side, Side { requirement: &without, ..side })?;
        if comparison.verdict() == Verdict::Same {
            return Ok(Some(part));
        }
    }
    Ok(None)
}

/// Every part of an `all` or `any`, with the requirement that is left without it.
fn without_one(requirement: &Requirement) -> Vec<(Requirement, Requirement)> {
    let (parts, group): (_, fn(Vec<Requirement>) -> Requirement) = match requirement {
        Requirement::All(parts) => (parts, Requirement::All),
        Requirement::Any(parts) => (parts, Requirement::Any),
        Requirement::Not(part) => {
            let not = |part| Requirement::Not(Box::new(part));
            return without_one(part).into_iter().map(|(part, rest)| (part, not(rest))).collect();
        }
        // What a named rule stands for is judged where it is written.
        _ => return Vec::new(),
    };
    let mut all = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let with = |replacement: Option<Requirement>| {
            let mut parts = parts.clone();
            parts.splice(place..=place, replacement);
            group(parts)
        };
        if parts.len() > 1 {
            all.push((part.clone(), with(None)));
        }
        all.extend(without_one(part).into_iter().map(|(part, rest)| (part, with(Some(rest)))));
    }
    all
}

/// Verbs at the beginning of a function's name that say that something changes.
const CHANGES: [&str; 24] = [
    "add", "approve", "cancel", "change", "close", "create", "delete", "disable", "edit", "enable",
    "grant", "insert", "patch", "pay", "place", "post", "put", "refund", "reject", "remove",
    "revoke", "set", "update", "write",
];

/// Words in a scope that say that it is for looking.
const LOOKS: [&str; 6] = ["read", "view", "list", "get", "readonly", "show"];

fn mutation(function: &Function, side: Side<'_>) -> Result<Option<Finding>, TooComplex> {
    let changes = if let Some(route) = &function.route {
        ["POST ", "PUT ", "PATCH ", "DELETE "].iter().any(|method| route.starts_with(method))
    } else {
        let name = function.id.rsplit("::").next().unwrap_or_default();
        name.split('_').next().is_some_and(|verb| CHANGES.contains(&verb))
    };
    let looks = |scope: &str| {
        scope.split(|other: char| !other.is_alphanumeric()).any(|word| LOOKS.contains(&word))
    };
    let asked = meaning::leaves(side.requirement);
    let scope = asked.iter().find_map(|leaf| match leaf {
        Leaf::Scope(name) if looks(name) => Some(*name),
        _ => None,
    });
    let Some(scope) = scope.filter(|_| changes) else { return Ok(None) };
    let passes = meaning::passes_with(side, |leaf| match leaf {
        Leaf::Role(_) => false,
        Leaf::Scope(name) => looks(name),
        Leaf::Mfa | Leaf::Bound | Leaf::Acr(_) | Leaf::Age(_) => true,
    })?;
    Ok(passes.then(|| {
        let message = format!(
            "it changes something, and who passes needs no more than `scope = {scope:?}`; require \
             a scope for changing, or a role"
        );
        about(function, &MUTATION_BY_READ, message)
    }))
}

fn of_policy(
    manifest: &Manifest,
    policy: &Policy,
    vocabulary: &Vocabulary,
) -> Result<Vec<Finding>, Failure> {
    let functions: Vec<_> = manifest
        .functions
        .iter()
        .filter(|function| function.policy == policy.id && function.kind == "requires")
        .collect();
    let mut roles = BTreeSet::new();
    let mut scopes = BTreeSet::new();
    for function in &functions {
        for leaf in meaning::leaves(&function.requirement) {
            match leaf {
                Leaf::Role(name) => drop(roles.insert(name)),
                Leaf::Scope(name) => drop(scopes.insert(name)),
                _ => {}
            }
        }
    }
    // A name does something if it is required, or brings one that is; a role also by its grants,
    // since an issuer may derive scopes from them.
    let scope_counts =
        |name: &str| scopes.iter().any(|asked| vocabulary.scopes.includes(name, asked));
    let grants = |name: &str| {
        let held = policy.roles.iter().filter(|role| vocabulary.roles.includes(name, &role.name));
        held.flat_map(|role| &role.grants).any(|scope| scope_counts(scope))
    };
    let role_counts = |name: &str| roles.iter().any(|asked| vocabulary.roles.includes(name, asked));
    let mut findings = Vec::new();
    for scope in policy.scopes.iter().filter(|scope| !scope_counts(&scope.name)) {
        findings.push(never_required("scope", scope));
    }
    let distinct = distinct(functions);
    for role in policy.roles.iter().filter(|role| !grants(&role.name)) {
        if !role_counts(&role.name) {
            findings.push(never_required("role", role));
        } else if !opens_something(&distinct, vocabulary, &role.name)? {
            let message = "whoever gets the role can do nothing more than without it".to_owned();
            findings.push(of_name(&POWERLESS_ROLE, &role.name, message));
        }
    }
    Ok(findings)
}

fn never_required(kind: &str, name: &Name) -> Finding {
    let message = if name.variant.is_empty() {
        format!("no function requires the {kind}, nor anything it brings; is it still needed?")
    } else {
        let variant = &name.variant;
        format!("no function requires the {kind}, nor anything it brings; is `{variant}` needed?")
    };
    of_name(&NEVER_REQUIRED, &name.name, message)
}

/// One function of each requirement.
fn distinct(functions: Vec<&Function>) -> Vec<&Function> {
    let mut seen = HashSet::new();
    let mut distinct = functions;
    distinct.retain(|function| seen.insert(function.requirement.to_string()));
    distinct
}

fn opens_something(
    functions: &[&Function],
    vocabulary: &Vocabulary,
    role: &str,
) -> Result<bool, Failure> {
    for function in functions {
        let side = Side { vocabulary, public: false, requirement: &function.requirement };
        let opens = meaning::role_opens(side, role)
            .map_err(|TooComplex| Failure::TooComplex { function: function.id.clone() })?;
        if opens {
            return Ok(true);
        }
    }
    Ok(false)
}

fn of_name(lint: &Lint, name: &str, message: String) -> Finding {
    Finding {
        lint: lint.id,
        level: lint.level,
        subject: name.to_owned(),
        file: String::new(),
        line: 0,
        message,
    }
}
