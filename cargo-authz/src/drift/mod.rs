//! What changed between two manifests, function by function, and what each change does.
//!
//! Absent on purpose: opinion. Whether a change is wanted is for the reviewer.

mod change;
mod group;
mod pairing;
mod policies;
mod resources;
mod sides;

use authz_manifest::{Function, Manifest};

pub(crate) use change::lines_of;
pub use change::{Change, ChangeKind};
pub use group::Group;
pub use policies::{PolicyChange, PolicyPart, Relation};
pub use resources::ResourceChange;
pub(crate) use sides::{objects_of, sees_any_owner};

use pairing::{Known, Pair, pair};
use resources::ResourceDrift;
use sides::Sides;

use crate::failure::Failure;

/// Everything that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// What changed in the policies.
    pub policies: Vec<PolicyChange>,
    /// Whether a policy gives somebody what no requirement tells: scopes that an issuer's tokens or
    /// accounts derive from a role, or a name that the body of a `manual` function may ask for.
    pub policies_give: bool,
    /// What changed in the resources: which there are, and whose they are.
    pub resources: Vec<ResourceChange>,
    /// Whether a resource belongs to somebody else than before.
    pub resources_give: bool,
    /// The functions that changed, by id, and behind them what it takes to read or write a field.
    pub functions: Vec<Change>,
}

impl Drift {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && self.resources.is_empty() && self.functions.is_empty()
    }

    /// What changed in policies and resources, in words, each behind the word for what it is about.
    pub fn in_words(&self) -> impl Iterator<Item = (&'static str, String)> {
        let policies = self.policies.iter().map(|change| ("policy", change.to_string()));
        policies.chain(self.resources.iter().map(|change| ("resource", change.to_string())))
    }

    /// The functions that changed, from those to look at first; with one cause, several are one group.
    #[must_use]
    pub fn groups(&self) -> Vec<Group<'_>> {
        group::groups(&self.functions)
    }

    /// Whether nobody can do anything that was not possible before.
    #[must_use]
    pub fn only_narrows(&self) -> bool {
        let widens = self.functions.iter().any(|change| change.kind.widens());
        !(widens || self.policies_give || self.resources_give)
    }

    /// Whether a role grants another scope than before.
    #[must_use]
    pub fn changes_grants(&self) -> bool {
        let relations = self.policies.iter().filter_map(|change| change.relation.as_ref());
        relations.into_iter().any(|relation| relation.relation == "grants")
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
        let sides = Sides::of(before, now);
        let pairs = pair(&before.functions, &now.functions, &FUNCTIONS);
        let policies_give = sides.give(&pairs);
        let resources = ResourceDrift::between(before, now);
        let fields = resources.fields.iter().map(|(before, now)| (before.as_ref(), now.as_ref()));
        let pairs: Vec<_> = pairs.into_iter().chain(fields).collect();
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let share = pairs.len().div_ceil(workers).max(1);
        let changes: Vec<_> = std::thread::scope(|scope| {
            let work = |pairs: &[Pair<'_, Function>]| {
                pairs.iter().map(|pair| sides.change(*pair)).collect::<Vec<_>>()
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
            policies: policies::changes(before, now),
            policies_give,
            resources: resources.changes,
            resources_give: resources.give,
            functions,
        })
    }
}

/// How a function is known.
const FUNCTIONS: Known<Function> =
    Known { id: |function| &function.id, route: Function::nameless_route };

pub(crate) fn no_policy(function: &Function) -> Failure {
    Failure::Unknown(format!(
        "`{}` stands under the policy `{}`, which is not in the manifest; write the manifest anew",
        function.id, function.policy
    ))
}
