//! What changed between two manifests, function by function, and what each change does.
//!
//! Absent on purpose: opinion. Whether a change is wanted is for the reviewer.

mod resources;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use std::borrow::Cow;

use authz_manifest::{Function, Manifest, Name, Object, Policy, Requirement};
use serde::Serialize;

use resources::ResourceDrift;

use crate::failure::Failure;
use crate::meaning::{Comparison, Side, TooComplex, Verdict, Vocabulary, compare, witness};

/// Everything that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// What changed in the policies, in words.
    pub policies: Vec<String>,
    /// Whether a policy gives somebody what no requirement tells: scopes that an issuer's tokens or
    /// accounts derive from a role, or a name that the body of a `manual` function may ask for.
    pub policies_give: bool,
    /// What changed in the resources, in words: which there are, and whose they are.
    pub resources: Vec<String>,
    /// Whether a resource belongs to somebody else than before.
    pub resources_give: bool,
    /// The functions that changed, by id, and behind them what it takes to read or write a field.
    pub functions: Vec<Change>,
}

/// One function that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What the change does.
    pub kind: ChangeKind,
    /// The function as it was.
    pub before: Option<Function>,
    /// The function as it is.
    pub now: Option<Function>,
    /// Who passes now and who does no more. Of a new function, the weakest who passes.
    pub comparison: Comparison,
    /// Who sees the objects of any owner now, and who does no more; where what is checked of objects is
    /// written otherwise.
    pub any_owner: Comparison,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Some pass who did not.
    Widened,
    /// Some are new and some are lost.
    Both,
    /// A function that was not there.
    New,
    /// Some pass no more.
    Narrowed,
    /// Written otherwise, and the same callers pass.
    Same,
    /// A function that is not there any more.
    Gone,
}

impl ChangeKind {
    /// All of them, from the one to look at first.
    pub const ALL: [Self; 6] =
        [Self::Widened, Self::Both, Self::New, Self::Narrowed, Self::Same, Self::Gone];

    /// The kind in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Widened => Verdict::Widened.words(),
            Self::Both => Verdict::Both.words(),
            Self::New => "new",
            Self::Narrowed => Verdict::Narrowed.words(),
            Self::Same => Verdict::Same.words(),
            Self::Gone => "gone",
        }
    }

    /// Whether somebody can do something that nobody of that kind could.
    #[must_use]
    pub const fn widens(self) -> bool {
        matches!(self, Self::Widened | Self::Both | Self::New)
    }
}

impl From<Verdict> for ChangeKind {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Same => Self::Same,
            Verdict::Narrowed => Self::Narrowed,
            Verdict::Widened => Self::Widened,
            Verdict::Both => Self::Both,
        }
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

impl Change {
    /// The function, as it is or as it was.
    #[must_use]
    pub fn id(&self) -> &str {
        self.now.as_ref().or(self.before.as_ref()).map_or("", |function| &function.id)
    }

    /// What is written otherwise: each line as it was, and as it is.
    #[must_use]
    pub fn lines(&self) -> (Vec<String>, Vec<String>) {
        let before = self.before.as_ref().map(lines).unwrap_or_default();
        let now = self.now.as_ref().map(lines).unwrap_or_default();
        let only = |these: &[String], others: &[String]| {
            these.iter().filter(|line| !others.contains(line)).cloned().collect::<Vec<_>>()
        };
        let (mut removed, mut added) = (only(&before, &now), only(&now, &before));
        if let (Some(before), Some(now)) = (&self.before, &self.now) {
            if before.policy != now.policy {
                removed.push(format!("policy {}", before.policy));
                added.push(format!("policy {}", now.policy));
            } else if removed.is_empty() && added.is_empty() && before != now {
                // The same parts in another order.
                removed.extend(whole(before, now));
                added.extend(whole(now, before));
            }
        }
        (removed, added)
    }
}

/// A requirement in one line, where the other is another.
fn whole(function: &Function, other: &Function) -> Option<String> {
    let differs = function.requirement != other.requirement;
    differs.then(|| function.requirement.to_string())
}

/// What decides about a function, line by line.
fn lines(function: &Function) -> Vec<String> {
    let reason = function.reason.iter().map(|reason| format!("{}: {reason}", function.kind));
    let route = function.route.iter().map(|route| format!("route {route}"));
    let parts =
        if function.kind == "requires" { function.requirement.in_words() } else { Vec::new() };
    let object = function.object.iter().flat_map(Object::in_words);
    // Nobody is denied by it, and a reviewer wants to know that it is there.
    let shadow =
        function.shadow.iter().map(|shadow| format!("shadow {shadow}, which denies nobody"));
    parts.into_iter().chain(object).chain(reason).chain(route).chain(shadow).collect()
}

impl Drift {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && self.resources.is_empty() && self.functions.is_empty()
    }

    /// What changed in policies and resources, in words, each behind the word for what it is about.
    pub fn in_words(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let policies = self.policies.iter().map(|change| ("policy", change.as_str()));
        policies.chain(self.resources.iter().map(|change| ("resource", change.as_str())))
    }

    /// Whether nobody can do anything that was not possible before.
    #[must_use]
    pub fn only_narrows(&self) -> bool {
        let widens = self.functions.iter().any(|change| change.kind.widens());
        !(widens || self.policies_give || self.resources_give)
    }

    /// How many functions changed in each way.
    #[must_use]
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.functions.iter().filter(|change| change.kind == kind).count()
    }

    /// What changed from one manifest to the other.
    ///
    /// # Errors
    ///
    /// When a requirement is too complex to decide, or an id names several functions.
    pub fn between(before: &Manifest, now: &Manifest) -> Result<Self, Failure> {
        if let Some(shared) = before.shared_id().or_else(|| now.shared_id()) {
            return Err(Failure::Ambiguous(shared.to_string()));
        }
        let policies = Policies::of(before, now);
        let pairs = pair(&before.functions, &now.functions, |function| &function.id);
        let policies_give = policies.give(&pairs);
        let resources = ResourceDrift::between(before, now);
        let fields = resources.fields.iter().map(|(before, now)| (before.as_ref(), now.as_ref()));
        let pairs: Vec<_> = pairs.into_iter().chain(fields).collect();
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let share = pairs.len().div_ceil(workers).max(1);
        let changes: Vec<_> = std::thread::scope(|scope| {
            let work = |pairs: &[Pair<'_>]| {
                pairs.iter().map(|pair| policies.change(*pair)).collect::<Vec<_>>()
            };
            let shares: Vec<_> =
                pairs.chunks(share).map(|pairs| scope.spawn(move || work(pairs))).collect();
            // A share that is lost would be functions that nobody compared.
            let finished = |share: std::thread::ScopedJoinHandle<'_, Vec<_>>| {
                share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            shares.into_iter().flat_map(finished).collect()
        });
        let mut functions = Vec::new();
        for change in changes {
            functions.extend(change?);
        }
        Ok(Self {
            policies: policy_changes(before, now),
            policies_give,
            resources: resources.changes,
            resources_give: resources.give,
            functions,
        })
    }
}

/// A function as it was and as it is.
type Pair<'a> = (Option<&'a Function>, Option<&'a Function>);

/// Finds for each item what it was. An id is one item's on each side.
fn pair<'a, T>(
    before: &'a [T],
    now: &'a [T],
    id: fn(&T) -> &String,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let mut by_id: BTreeMap<&str, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for item in before {
        by_id.entry(id(item)).or_default().0 = Some(item);
    }
    for item in now {
        by_id.entry(id(item)).or_default().1 = Some(item);
    }
    by_id.into_values().collect()
}

/// The vocabularies of two manifests. One that did not change is one and the same on both sides.
struct Policies {
    all: Vec<Vocabulary>,
    before: HashMap<String, usize>,
    now: HashMap<String, usize>,
}

impl Policies {
    fn of(before: &Manifest, now: &Manifest) -> Self {
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

    fn change(&self, (before, now): Pair<'_>) -> Result<Option<Change>, Failure> {
        let side = |function, places| self.side(function, places);
        let too_complex = |function: &Function| {
            let function = function.id.clone();
            move |TooComplex| Failure::TooComplex { function }
        };
        let (kind, comparison, any_owner) = match (before, now) {
            (Some(before), Some(now)) => {
                let sides = (side(before, &self.before)?, side(now, &self.now)?);
                let comparison = compare(sides.0, sides.1).map_err(too_complex(now))?;
                let any_owner = self.any_owner(before, now)?.map_err(too_complex(now))?;
                let verdict = both(comparison.verdict(), any_owner.verdict());
                if verdict == Verdict::Same && lines_of(before) == lines_of(now) {
                    return Ok(None);
                }
                (verdict.into(), comparison, any_owner)
            }
            (None, Some(now)) => {
                let newly_allowed = witness(side(now, &self.now)?).map_err(too_complex(now))?;
                let comparison = Comparison { newly_allowed, newly_denied: None };
                (ChangeKind::New, comparison, Comparison::default())
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

    /// Whether a role brings a scope that it did not, or a name another that a `manual` function
    /// may ask for; under policies that functions stand under on both sides.
    fn give(&self, pairs: &[Pair<'_>]) -> bool {
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

/// Who sees objects whose owner somebody else is: all of its callers where nothing is checked, else
/// those who are not held to it.
fn sees_any_owner(function: &Function) -> Cow<'_, Requirement> {
    let callers = &function.requirement;
    match function.object.as_ref().map(|object| (object.check.as_str(), &object.any_owner)) {
        None | Some((Object::ANY, _)) => Cow::Borrowed(callers),
        Some((_, None)) => Cow::Owned(Requirement::Any(Vec::new())),
        Some((_, Some(any))) => Cow::Owned(Requirement::All(vec![callers.clone(), any.clone()])),
    }
}

pub(crate) fn no_policy(function: &Function) -> Failure {
    Failure::Unknown(format!(
        "`{}` stands under the policy `{}`, which is not in the manifest; write the manifest anew",
        function.id, function.policy
    ))
}

/// What has to be equal for a function to be unchanged.
type Lines<'a> =
    (&'a str, &'a str, String, Vec<String>, Option<&'a str>, Option<&'a str>, Option<String>);

fn lines_of(function: &Function) -> Lines<'_> {
    (
        &function.kind,
        &function.policy,
        function.requirement.to_string(),
        function.object.iter().flat_map(Object::in_words).collect(),
        function.reason.as_deref(),
        function.route.as_deref(),
        function.shadow.as_ref().map(ToString::to_string),
    )
}

fn policy_changes(before: &Manifest, now: &Manifest) -> Vec<String> {
    let by_id = |manifest: &'_ Manifest| -> BTreeMap<String, Policy> {
        manifest.policies.iter().map(|policy| (policy.id.clone(), policy.clone())).collect()
    };
    let (before, now) = (by_id(before), by_id(now));
    let mut changes = Vec::new();
    for id in before.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        match (before.get(id), now.get(id)) {
            (None, _) => changes.push(format!("policy `{id}` is new")),
            (_, None) => changes.push(format!("policy `{id}` is gone")),
            (Some(before), Some(now)) => {
                changes.extend(name_changes("role", &before.roles, &now.roles));
                changes.extend(name_changes("scope", &before.scopes, &now.scopes));
            }
        }
    }
    changes
}

fn name_changes(kind: &str, before: &[Name], now: &[Name]) -> Vec<String> {
    let by_name = |names: &[Name]| -> BTreeMap<String, Name> {
        names.iter().map(|name| (name.name.clone(), name.clone())).collect()
    };
    let (before, now) = (by_name(before), by_name(now));
    let mut changes = Vec::new();
    for name in before.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        match (before.get(name), now.get(name)) {
            (None, _) => changes.push(format!("{kind} `{name}` is new")),
            (_, None) => changes.push(format!("{kind} `{name}` is gone")),
            (Some(before), Some(now)) => {
                for (verb, before, now) in [
                    ("includes", &before.includes, &now.includes),
                    ("excludes", &before.excludes, &now.excludes),
                    ("grants", &before.grants, &now.grants),
                ] {
                    let gained = now.iter().filter(|other| !before.contains(other));
                    changes.extend(
                        gained.map(|other| format!("{kind} `{name}` now {verb} `{other}`")),
                    );
                    let lost = before.iter().filter(|other| !now.contains(other));
                    changes.extend(
                        lost.map(|other| format!("{kind} `{name}` no longer {verb} `{other}`")),
                    );
                }
            }
        }
    }
    changes
}
