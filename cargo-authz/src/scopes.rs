//! Scopes that come from roles: what a function asks for, as a question about roles alone.
//!
//! Where an issuer or the accounts derive scopes from `#[role(grants(…))]`, whoever holds a role that brings a
//! scope has it, and nobody else. So a scope is any of the roles that bring it, and everything that is known of
//! requirements holds. Absent on purpose: tokens whose scopes count within what roles grant. They reach no more.

use std::borrow::Cow;
use std::collections::HashMap;

use authz_manifest::{Function, Manifest, Object, Requirement};

use crate::drift::{ChangeKind, Drift, lines_of};
use crate::failure::Failure;
use crate::meaning::Vocabulary;

/// The sentence for an answer that counts no grants, where there are some.
pub(crate) const NOT_COUNTED: &str = "scopes count as a token names them; where they come from roles, `--scopes-of-roles` counts what roles grant";

/// Tells whether a role grants a scope.
pub(crate) fn has_grants(manifest: &Manifest) -> bool {
    manifest.policies.iter().flat_map(|policy| &policy.roles).any(|role| !role.grants.is_empty())
}

/// The manifest as it is judged: with the roles that bring them in the place of scopes, where `of_roles`.
pub(crate) fn judged(manifest: &Manifest, of_roles: bool) -> Cow<'_, Manifest> {
    if !of_roles {
        return Cow::Borrowed(manifest);
    }
    let vocabularies: HashMap<&str, Vocabulary> = manifest
        .policies
        .iter()
        .map(|policy| (policy.id.as_str(), Vocabulary::new(policy)))
        .collect();
    let mut judged = manifest.clone();
    for function in &mut judged.functions {
        if let Some(vocabulary) = vocabularies.get(function.policy.as_str()) {
            ask_for_roles(&mut function.requirement, vocabulary);
            let any_owner =
                function.object.as_mut().and_then(|Object { any_owner, .. }| any_owner.as_mut());
            if let Some(any_owner) = any_owner {
                ask_for_roles(any_owner, vocabulary);
            }
        }
    }
    for resource in &mut judged.resources {
        let vocabulary = resource.policy.as_ref().and_then(|id| vocabularies.get(id.as_str()));
        let masks = resource
            .fields
            .iter_mut()
            .flat_map(|field| field.read.iter_mut().chain(&mut field.write));
        if let Some(vocabulary) = vocabulary {
            masks.for_each(|mask| ask_for_roles(mask, vocabulary));
        }
    }
    Cow::Owned(judged)
}

fn ask_for_roles(requirement: &mut Requirement, vocabulary: &Vocabulary) {
    match requirement {
        Requirement::Scope(scope) => {
            let roles =
                vocabulary.roles_that_bring(scope).map(|role| Requirement::Role(role.to_owned()));
            *requirement = Requirement::Any(roles.collect());
        }
        Requirement::All(parts) | Requirement::Any(parts) => {
            for part in parts {
                ask_for_roles(part, vocabulary);
            }
        }
        Requirement::Not(part) | Requirement::Rule { requires: part, .. } => {
            ask_for_roles(part, vocabulary);
        }
        _ => {}
    }
}

/// What changed, with scopes as tokens name them or as roles grant them. The changes show what is written.
///
/// # Errors
///
/// As [`Drift::between`].
pub(crate) fn drift(before: &Manifest, now: &Manifest, of_roles: bool) -> Result<Drift, Failure> {
    if !of_roles {
        return Drift::between(before, now);
    }
    let mut drift = Drift::between(&judged(before, true), &judged(now, true))?;
    let written = |manifest: &Manifest, judged: &Function| {
        manifest.functions.iter().find(|function| function.id == judged.id).cloned()
    };
    for change in &mut drift.functions {
        for (side, manifest) in [(&mut change.before, before), (&mut change.now, now)] {
            if let Some(written) = side.as_ref().and_then(|judged| written(manifest, judged)) {
                *side = Some(written);
            }
        }
    }
    // Written as it was, and met by the same callers: only the roles that stand for a scope are others.
    drift.functions.retain(|change| match (&change.before, &change.now) {
        (Some(before), Some(now)) if change.kind == ChangeKind::Same => {
            lines_of(before) != lines_of(now)
        }
        _ => true,
    });
    Ok(drift)
}
