//! What changed in the resources: whose they are, and who may read and write their fields.

use std::collections::BTreeSet;

use authz_manifest::{Function, Manifest, Requirement, Resource};

use super::pair;
use crate::fields::{VERBS, as_function, mask};

/// What changed in the resources.
#[derive(Default)]
pub(super) struct ResourceDrift {
    /// In words: which there are, and whose they are.
    pub(super) changes: Vec<String>,
    /// Whether one belongs to somebody else than before.
    pub(super) give: bool,
    /// What it took and what it takes to read or write a field, each as if it were a function.
    pub(super) fields: Vec<(Option<Function>, Option<Function>)>,
}

impl ResourceDrift {
    pub(super) fn between(before: &Manifest, now: &Manifest) -> Self {
        let mut drift = Self::default();
        for (old, new) in pair(&before.resources, &now.resources, |resource| &resource.id) {
            drift.add_owner(old, new);
            drift.add_fields((old, before), (new, now));
        }
        drift
    }

    fn add_owner(&mut self, before: Option<&Resource>, now: Option<&Resource>) {
        let whose = |resource: &Resource| match resource.whose() {
            nobody if nobody.is_empty() => "nobody's".to_owned(),
            somebody => somebody.join(", "),
        };
        match (before, now) {
            (Some(before), Some(now)) if whose(before) != whose(now) => {
                self.give = true;
                let (id, before, now) = (&now.id, whose(before), whose(now));
                self.changes.push(format!("resource `{id}` was {before}, and is {now}"));
            }
            (None, Some(now)) => {
                self.changes.push(format!("resource `{}` is new: {}", now.id, whose(now)));
            }
            (Some(before), None) => self.changes.push(format!("resource `{}` is gone", before.id)),
            _ => {}
        }
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
