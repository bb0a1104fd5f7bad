//! The verdict on a function, from what it asked for and asks for under the policies of both sides.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use authz_manifest::{Function, Manifest, Object, Policy, Requirement};

use super::change::{Change, ChangeKind, lines_of};
use super::no_policy;
use super::pairing::Pair;
use crate::failure::Failure;
use crate::identity::Caller;
use crate::meaning::{Comparison, Side, TooComplex, Verdict, Vocabulary, compare, witness};

/// The vocabularies of two manifests. One that did not change is one and the same on both sides.
pub(super) struct Sides {
    all: Vec<Vocabulary>,
    before: HashMap<String, usize>,
    now: HashMap<String, usize>,
}

impl Sides {
    pub(super) fn of(before: &Manifest, now: &Manifest) -> Self {
        let mut all: Vec<Vocabulary> = Vec::new();
        let mut place = |policies: &[Policy]| {
            let mut places = HashMap::new();
            for policy in policies {
                let vocabulary = Vocabulary::new(policy);
                let known = all.iter().position(|known| known.says_the_same(&vocabulary));
                let at = known.unwrap_or(all.len());
                if known.is_none() {
                    all.push(vocabulary);
                }
                places.insert(policy.id.clone(), at);
            }
            places
        };
        let before = place(&before.policies);
        let now = place(&now.policies);
        Self { all, before, now }
    }

    /// What a change does; nothing where nothing changed.
    pub(super) fn change(
        &self,
        (before, now): Pair<'_, Function>,
    ) -> Result<Option<Change>, Failure> {
        let side = |function, places| self.side(function, places);
        let too_complex = |function: &Function| {
            let function = function.id.clone();
            move |TooComplex| Failure::TooComplex { function }
        };
        let (kind, comparison, any_owner) = match (before, now) {
            (Some(before), Some(now)) => {
                let sides = (side(before, &self.before)?, side(now, &self.now)?);
                let comparison = compare(sides.0, sides.1)
                    .and_then(|found| found.explained(sides.0, sides.1))
                    .map_err(too_complex(now))?;
                let any_owner = self.any_owner(before, now)?.map_err(too_complex(now))?;
                let verdict = both(comparison.verdict(), any_owner.verdict());
                let unchanged = before.id == now.id && lines_of(before) == lines_of(now);
                if verdict == Verdict::Same && unchanged {
                    return Ok(None);
                }
                (kind((before, now), verdict, &comparison), comparison, any_owner)
            }
            (None, Some(now)) => {
                let newly_allowed = witness(side(now, &self.now)?).map_err(too_complex(now))?;
                let kind = if newly_allowed == Some(Caller::Nobody) {
                    ChangeKind::Exposed
                } else {
                    ChangeKind::New
                };
                let comparison = Comparison { newly_allowed, ..Comparison::default() };
                (kind, comparison, self.opens_any_owner(now)?.map_err(too_complex(now))?)
            }
            _ => (ChangeKind::Gone, Comparison::default(), Comparison::default()),
        };
        Ok(Some(Change { kind, before: before.cloned(), now: now.cloned(), comparison, any_owner }))
    }

    /// Who sees the objects of any owner, before and now. Where that is written as it was, it changed with
    /// the callers only, of whom everything is said already.
    fn any_owner(
        &self,
        before: &Function,
        now: &Function,
    ) -> Result<Result<Comparison, TooComplex>, Failure> {
        if before.object == now.object {
            return Ok(Ok(Comparison::default()));
        }
        let (seen_before, seen_now) = (sees_any_owner(before), sees_any_owner(now));
        let before = Side { requirement: &seen_before, ..self.side(before, &self.before)? };
        let now = Side { requirement: &seen_now, ..self.side(now, &self.now)? };
        Ok(compare(before, now))
    }

    /// Who sees the objects of any owner in a new function that opens objects.
    fn opens_any_owner(&self, now: &Function) -> Result<Result<Comparison, TooComplex>, Failure> {
        if now.object.is_none() {
            return Ok(Ok(Comparison::default()));
        }
        let seen = sees_any_owner(now);
        let side = Side { requirement: &seen, ..self.side(now, &self.now)? };
        let newly = |newly_allowed| Comparison { newly_allowed, ..Comparison::default() };
        Ok(witness(side).map(newly))
    }

    /// Whether a role brings a scope that it did not, or a name another that a `manual` function
    /// may ask for; under policies that functions stand under on both sides.
    pub(super) fn give(&self, pairs: &[Pair<'_, Function>]) -> bool {
        let both = pairs.iter().filter_map(|(before, now)| before.zip(*now));
        let places: BTreeSet<_> = both
            .filter_map(|(before, now)| {
                let before = self.before.get(&before.policy)?;
                Some((*before, *self.now.get(&now.policy)?, now.kind == "manual"))
            })
            .collect();
        places.into_iter().filter(|(before, now, _)| before != now).any(|(before, now, manual)| {
            let sides = self.all.get(before).zip(self.all.get(now));
            sides.is_some_and(|(before, now)| {
                now.derives_more(before) || manual && now.includes_more(before)
            })
        })
    }

    fn side<'a>(
        &'a self,
        function: &'a Function,
        places: &HashMap<String, usize>,
    ) -> Result<Side<'a>, Failure> {
        let place = places.get(&function.policy).and_then(|place| self.all.get(*place));
        let vocabulary = place.ok_or_else(|| no_policy(function))?;
        let public = function.kind == "public";
        Ok(Side { vocabulary, public, requirement: &function.requirement })
    }
}

/// What a change of both sides does.
fn kind(
    (before, now): (&Function, &Function),
    verdict: Verdict,
    comparison: &Comparison,
) -> ChangeKind {
    match verdict {
        _ if comparison.newly_allowed == Some(Caller::Nobody) => ChangeKind::Exposed,
        Verdict::Widened => ChangeKind::Widened,
        Verdict::Narrowed => ChangeKind::Narrowed,
        Verdict::Both => ChangeKind::Both,
        Verdict::Same if before.id != now.id => ChangeKind::Moved,
        Verdict::Same if before.route != now.route => ChangeKind::Rerouted,
        Verdict::Same => ChangeKind::Same,
    }
}

/// What a change of the callers and one of the owners do together.
fn both(callers: Verdict, owners: Verdict) -> Verdict {
    match (callers, owners) {
        (Verdict::Same, other) | (other, Verdict::Same) => other,
        (callers, owners) if callers == owners => callers,
        _ => Verdict::Both,
    }
}

/// Who sees objects whose owner somebody else is: all of its callers where nothing is checked, else
/// those who are not held to it.
pub(crate) fn sees_any_owner(function: &Function) -> Cow<'_, Requirement> {
    let callers = &function.requirement;
    match function.object.as_ref().map(|object| (object.check.as_str(), &object.any_owner)) {
        None | Some((Object::ANY, _)) => Cow::Borrowed(callers),
        Some((_, None)) => Cow::Owned(Requirement::Any(Vec::new())),
        Some((_, Some(any))) => Cow::Owned(Requirement::All(vec![callers.clone(), any.clone()])),
    }
}

/// Whose objects a caller sees in a function that opens objects.
pub(crate) fn objects_of(
    vocabulary: &Vocabulary,
    function: &Function,
    caller: &Caller,
) -> Option<&'static str> {
    function.object.as_ref()?;
    let seen = sees_any_owner(function);
    let any = vocabulary.permits(&function.kind, &seen, caller);
    Some(if any { "the objects of any owner" } else { "own objects" })
}
