//! What changed in the policies: which names there are, and what each brings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use authz_manifest::{Manifest, Name, Policy};
use serde::Serialize;

/// One thing that changed in a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyChange {
    /// The id of the policy.
    pub policy: String,
    /// The kind of what changed.
    pub kind: PolicyPart,
    /// The role or the scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it brings or no longer brings: `includes`, `excludes` or `grants`, and of which name.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// Whether that is new; otherwise it is gone.
    pub new: bool,
}

/// A part of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyPart {
    /// The policy as a whole.
    Policy,
    /// A role.
    Role,
    /// A scope.
    Scope,
}

/// What one name has to do with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// `includes`, `excludes` or `grants`.
    pub relation: &'static str,
    /// The other name.
    pub other: String,
}

impl PolicyPart {
    const fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Role => "role",
            Self::Scope => "scope",
        }
    }
}

impl fmt::Display for PolicyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().unwrap_or(&self.policy);
        write!(f, "{} `{name}` ", self.kind.word())?;
        match (&self.relation, self.new) {
            (None, true) => f.write_str("is new"),
            (None, false) => f.write_str("is gone"),
            (Some(Relation { relation, other }), true) => write!(f, "now {relation} `{other}`"),
            (Some(Relation { relation, other }), false) => {
                write!(f, "no longer {relation} `{other}`")
            }
        }
    }
}

/// What changed from one side to the other, by policy and by name.
pub(super) fn changes(before: &Manifest, now: &Manifest) -> Vec<PolicyChange> {
    let by_id = |manifest: &'_ Manifest| -> BTreeMap<String, Policy> {
        manifest.policies.iter().map(|policy| (policy.id.clone(), policy.clone())).collect()
    };
    let (before, now) = (by_id(before), by_id(now));
    let mut changes = Vec::new();
    for id in before.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        let whole = |new| PolicyChange {
            policy: id.clone(),
            kind: PolicyPart::Policy,
            name: None,
            relation: None,
            new,
        };
        match (before.get(id), now.get(id)) {
            (None, _) => changes.push(whole(true)),
            (_, None) => changes.push(whole(false)),
            (Some(before), Some(now)) => {
                let mut add = |kind, before, now| changes.extend(of_names(id, kind, before, now));
                add(PolicyPart::Role, &before.roles, &now.roles);
                add(PolicyPart::Scope, &before.scopes, &now.scopes);
            }
        }
    }
    changes
}

fn of_names(policy: &str, kind: PolicyPart, before: &[Name], now: &[Name]) -> Vec<PolicyChange> {
    let by_name = |names: &[Name]| -> BTreeMap<String, Name> {
        names.iter().map(|name| (name.name.clone(), name.clone())).collect()
    };
    let (before, now) = (by_name(before), by_name(now));
    let mut changes = Vec::new();
    for name in before.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        let change = |relation: Option<Relation>, new| PolicyChange {
            policy: policy.to_owned(),
            kind,
            name: Some(name.clone()),
            relation,
            new,
        };
        match (before.get(name), now.get(name)) {
            (None, Some(now)) => {
                changes.push(change(None, true));
                // A new name is told with what it brings.
                let none = Name {
                    includes: Vec::new(),
                    excludes: Vec::new(),
                    grants: Vec::new(),
                    ..now.clone()
                };
                let relations = of_relations(&none, now);
                changes.extend(relations.map(|(relation, new)| change(Some(relation), new)));
            }
            (_, None) => changes.push(change(None, false)),
            (Some(before), Some(now)) => {
                let relations = of_relations(before, now);
                changes.extend(relations.map(|(relation, new)| change(Some(relation), new)));
            }
        }
    }
    changes
}

/// What a name brings that it did not, and the other way round.
fn of_relations<'a>(
    before: &'a Name,
    now: &'a Name,
) -> impl Iterator<Item = (Relation, bool)> + 'a {
    let relations = [
        ("includes", &before.includes, &now.includes),
        ("excludes", &before.excludes, &now.excludes),
        ("grants", &before.grants, &now.grants),
    ];
    relations.into_iter().flat_map(|(relation, before, now)| {
        let only = move |these: &'a [String], others: &'a [String], new: bool| {
            let names = these.iter().filter(|name| !others.contains(name));
            names.map(move |other| (Relation { relation, other: other.clone() }, new))
        };
        only(now, before, true).chain(only(before, now, false))
    })
}
