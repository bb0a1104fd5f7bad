//! What changed in the resources: whose they are, and who may read and write their fields.

use std::collections::BTreeSet;
use std::fmt;

use authz_manifest::{Function, Manifest, Object, Requirement, Resource};
use serde::Serialize;

use super::pairing::{Known, pair};
use crate::fields::{VERBS, as_function, mask};

/// One resource that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceChange {
    /// Its id, as it is or as it was.
    pub id: String,
    /// The id that it had, where it moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// Whose it was, in the words of the attribute; nothing where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<String>>,
    /// Whose it is; nothing where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Vec<String>>,
    /// Where it belongs to somebody else, the functions that open objects to their owner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
    /// The source file, where that is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The line of the `#[derive]`.
    pub line: u32,
}

/// The greatest number of functions that are named with a change.
const NAMED: usize = 8;

impl fmt::Display for ResourceChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = |whose: &[String]| match whose {
            [] => "nobody's".to_owned(),
            somebody => somebody.join(", "),
        };
        write!(f, "resource `{}` ", self.id)?;
        if let Some(from) = &self.moved_from {
            write!(f, "was `{from}`, ")?;
        }
        match (&self.before, &self.now) {
            (Some(before), Some(now)) if before == now => {
                write!(f, "and is {} as before", whose(now))
            }
            (Some(before), Some(now)) => write!(f, "was {}, and is {}", whose(before), whose(now)),
            (None, Some(now)) => write!(f, "is new: {}", whose(now)),
            (_, None) => f.write_str("is gone"),
        }?;
        let named: Vec<_> = self.functions.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
        let more = self.functions.len() - named.len();
        match (named.is_empty(), more) {
            (true, _) => Ok(()),
            (false, 0) => write!(f, "; opened to its owner by {}", named.join(", ")),
            (false, more) => {
                write!(f, "; opened to its owner by {} and {more} more", named.join(", "))
            }
        }
    }
}

/// What changed in the resources.
#[derive(Default)]
pub(super) struct ResourceDrift {
    /// Which there are, and whose they are.
    pub(super) changes: Vec<ResourceChange>,
    /// Whether one belongs to somebody else than before.
    pub(super) give: bool,
    /// What it took and what it takes to read or write a field, each as if it were a function.
    pub(super) fields: Vec<(Option<Function>, Option<Function>)>,
}

/// How a resource is known.
const RESOURCES: Known<Resource> = Known { id: |resource| &resource.id, route: |_| None };

impl ResourceDrift {
    pub(super) fn between(before: &Manifest, now: &Manifest) -> Self {
        let mut drift = Self::default();
        for (old, new) in pair(&before.resources, &now.resources, &RESOURCES) {
            drift.add_owner((old, before), (new, now));
            drift.add_fields((old, before), (new, now));
        }
        drift
    }

    fn add_owner(
        &mut self,
        (old, _): (Option<&Resource>, &Manifest),
        (new, now): (Option<&Resource>, &Manifest),
    ) {
        let whose = |resource: Option<&Resource>| resource.map(Resource::whose);
        let Some(resource) = new.or(old) else { return };
        let moved = old.zip(new).is_some_and(|(old, new)| old.id != new.id);
        if whose(old) == whose(new) && !moved {
            return;
        }
        let other_owner = old.zip(new).is_some_and(|(old, new)| old.whose() != new.whose());
        self.give |= other_owner;
        let opens = |function: &&Function| {
            function.object.as_ref().is_some_and(|object| object.check == Object::OWNER)
        };
        let functions = now.functions.iter().filter(opens).map(|function| function.id.clone());
        self.changes.push(ResourceChange {
            id: resource.id.clone(),
            moved_from: old.filter(|_| moved).map(|old| old.id.clone()),
            before: whose(old),
            now: whose(new),
            functions: if other_owner { functions.collect() } else { Vec::new() },
            file: new.map(|new| new.file.clone()).unwrap_or_default(),
            line: new.map_or(0, |new| new.line),
        });
    }

    fn add_fields(
        &mut self,
        (old, before): (Option<&Resource>, &Manifest),
        (new, now): (Option<&Resource>, &Manifest),
    ) {
        let fields = old.into_iter().chain(new).flat_map(|resource| &resource.fields);
        let names: BTreeSet<&str> = fields.map(|field| field.name.as_str()).collect();
        let masks = names.into_iter().flat_map(|name| VERBS.map(|verb| (name, verb)));
        for (name, verb) in masks {
            let (was, is) = (mask(old, name, verb), mask(new, name, verb));
            if was.is_none() && is.is_none() {
                continue;
            }
            // Where no field is masked no policy is named: it is the one of the other side.
            let policy = |resource: Option<&Resource>| resource?.policy.clone();
            let side = |resource: Option<&Resource>,
                        requirement: Option<&Requirement>,
                        in_it: &Manifest| {
                let policy = policy(resource).or_else(|| policy(old)).or_else(|| policy(new))?;
                let known = in_it.policies.iter().any(|known| known.id == policy);
                // What nobody masks, every identity may.
                let requirement = requirement.cloned().unwrap_or(Requirement::Authenticated);
                resource
                    .filter(|_| known)
                    .map(|it| as_function(it, (name, verb), policy, requirement))
            };
            self.fields.push((side(old, was, before), side(new, is, now)));
        }
    }
}
