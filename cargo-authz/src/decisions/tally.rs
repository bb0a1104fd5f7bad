//! Decisions that are alike, counted together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use authz_manifest::decision::{HIDDEN, Record};
use authz_manifest::{Manifest, Requirement};

use crate::identity::{Caller, Identity};
use crate::meaning::Vocabulary;
use crate::text::shown;

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The decisions, by what was asked.
    pub asked: BTreeMap<Asked, Tally>,
    /// How many objects the functions found and did not show.
    pub hidden: u64,
    /// How many calls brought fields that the caller may not set.
    pub refused_fields: u64,
    /// How many decisions the log says that it has not.
    pub dropped: u64,
    /// The lines that are no record of a decision.
    pub foreign: Option<Foreign>,
    /// Whether the last line has no end.
    pub torn: bool,
}

/// Lines that are no record of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// How many there are.
    pub lines: u64,
    /// The number of the first.
    pub first: u64,
    /// Why that is none.
    pub reason: String,
}

/// A question that was decided, by all that decides it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The id of the function.
    pub function: String,
    /// Whether the answer was yes.
    pub granted: bool,
    /// Whether the caller's scopes were those that the roles granted then.
    pub scopes_of_roles: bool,
    /// Who asked. An age is the smallest that some requirement asks for and that it meets.
    pub caller: Caller,
    /// The issuer and the client, if somebody is known.
    pub client: Option<(String, String)>,
}

/// How often it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many decisions: each record counts for as many as it stands for.
    pub decisions: u64,
    /// The first that was written.
    pub first: String,
    /// The last that was written.
    pub last: String,
}

impl Log {
    /// How many decisions there are, of those that `wanted` picks.
    pub fn count(&self, wanted: impl Fn(&Asked) -> bool) -> u64 {
        let picked = self.asked.iter().filter(|(asked, _)| wanted(asked));
        picked.map(|(_, tally)| tally.decisions).fold(0, u64::saturating_add)
    }

    pub(super) fn add(&mut self, record: Record, ages: &Ages) {
        // Beside the decision about the call, which was a grant and has a record of its own.
        if record.outcome == HIDDEN {
            let count = record.hidden.map_or(1, |hidden| hidden.count as u64);
            self.hidden = self.hidden.saturating_add(count);
            return;
        }
        // So is what came with a call.
        if record.missing.as_ref().is_some_and(|missing| !missing.fields.is_empty()) {
            self.refused_fields = self.refused_fields.saturating_add(1);
            return;
        }
        let at = shown(&record.at);
        let decisions = u64::from(record.one_in.max(1));
        let tally = self.asked.entry(Asked::of(record, ages)).or_default();
        if tally.decisions == 0 {
            tally.first.clone_from(&at);
        }
        tally.last = at;
        tally.decisions = tally.decisions.saturating_add(decisions);
    }

    /// What is to be known about the log beside what it says, a sentence each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.hidden > 0 {
            let objects = if self.hidden == 1 { "object was" } else { "objects were" };
            notes.push(format!(
                "{} {objects} hidden from callers whose they are not: that depends on the objects, and is \
                 not decided again",
                self.hidden
            ));
        }
        if self.refused_fields > 0 {
            let calls = if self.refused_fields == 1 { "call" } else { "calls" };
            notes.push(format!(
                "{} {calls} brought fields that the caller may not set: the call was allowed, and what \
                 came with it is not decided again",
                self.refused_fields
            ));
        }
        if self.dropped > 0 {
            let dropped = self.dropped;
            notes
                .push(format!("{dropped} decisions are not in the log: they came too fast for it"));
        }
        if let Some(Foreign { lines, first, reason }) = &self.foreign {
            let is = if *lines == 1 { "1 line is" } else { &format!("{lines} lines are") };
            notes.push(format!(
                "{is} no record of a decision and left out; the first is line {first}: {reason}"
            ));
        }
        if self.torn {
            notes.push("the last line has no end and is left out".to_owned());
        }
        notes
    }
}

impl Asked {
    fn of(record: Record, ages: &Ages) -> Self {
        let client =
            record.who.map(|who| (shown(&who.issuer), shown(&who.client.unwrap_or_default())));
        let scopes_of_roles = record.held.as_ref().is_some_and(|held| held.scopes_of_roles);
        let caller = record.held.map_or(Caller::Nobody, |held| {
            Caller::Somebody(Identity {
                roles: held.roles.iter().map(|name| shown(name)).collect(),
                scopes: held.scopes.iter().map(|name| shown(name)).collect(),
                mfa: held.mfa,
                bound: held.bound,
                acr: held.acr.as_deref().map(shown),
                age: held.auth_age.map(|age| ages.rounded(age)),
            })
        });
        let granted = record.outcome == "granted";
        Self { function: shown(&record.function), granted, scopes_of_roles, caller, client }
    }
}

/// The caller as one of today: with the scopes that the roles grant now, where they came from there.
#[must_use]
pub fn today<'a>(
    vocabulary: &Vocabulary,
    identity: &'a Identity,
    scopes_of_roles: bool,
) -> Cow<'a, Identity> {
    if !scopes_of_roles {
        return Cow::Borrowed(identity);
    }
    let scopes = vocabulary.granted_by(&identity.roles);
    Cow::Owned(Identity { scopes, ..identity.clone() })
}

/// The ages of a log-in that some function asks for. Between two of them all are alike, and counted
/// together.
#[derive(Debug)]
pub(super) struct Ages(BTreeSet<u64>);

impl Ages {
    pub(super) fn asked_by(manifest: &Manifest) -> Self {
        let mut ages = BTreeSet::new();
        for function in &manifest.functions {
            gather(&function.requirement, &mut ages);
        }
        Self(ages)
    }

    /// The smallest that is met, or one more than the greatest.
    fn rounded(&self, age: u64) -> u64 {
        let greatest = self.0.last().map_or(0, |greatest| greatest.saturating_add(1));
        self.0.range(age..).next().copied().unwrap_or(greatest)
    }
}

fn gather(requirement: &Requirement, ages: &mut BTreeSet<u64>) {
    match requirement {
        Requirement::MaxAge(seconds) => drop(ages.insert(*seconds)),
        Requirement::All(parts) | Requirement::Any(parts) => {
            for part in parts {
                gather(part, ages);
            }
        }
        Requirement::Not(part) => gather(part, ages),
        Requirement::Rule { requires, .. } => gather(requires, ages),
        _ => {}
    }
}
