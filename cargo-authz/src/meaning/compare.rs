//! Two requirements beside each other: who passes now and did not before, and the other way round.

use serde::Serialize;

use super::diagram::{TooComplex, and_not};
use super::space::{Side, Space};
use super::why::{Edit, why};
use crate::identity::{Caller, Identity};

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same callers pass.
    Same,
    /// Some pass no more, and nobody is new.
    Narrowed,
    /// Some pass who did not, and nobody is lost.
    Widened,
    /// Some are new and some are lost.
    Both,
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Same => "same meaning",
            Self::Narrowed => "narrowed",
            Self::Widened => "widened",
            Self::Both => "both widened and narrowed",
        }
    }

    /// Whether somebody passes who did not.
    #[must_use]
    pub const fn widens(self) -> bool {
        matches!(self, Self::Widened | Self::Both)
    }
}

/// What two requirements have not in common, each way with its smallest witness: the caller that
/// holds fewest things, and of those the one that holds the weakest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Somebody who passes now and did not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newly_allowed: Option<Caller>,
    /// The smallest change of that caller that would have passed before, where it is
    /// [explained](Self::explained); nothing where nobody passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_longer_needed: Option<Vec<Edit>>,
    /// Somebody who passed before and does not now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newly_denied: Option<Caller>,
    /// The smallest change of that caller that passes now; nothing where nobody passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now_needed: Option<Vec<Edit>>,
}

impl Comparison {
    /// The verdict that follows.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match (self.newly_allowed.is_some(), self.newly_denied.is_some()) {
            (false, false) => Verdict::Same,
            (false, true) => Verdict::Narrowed,
            (true, false) => Verdict::Widened,
            (true, true) => Verdict::Both,
        }
    }

    /// The difference in words, a piece for each way: `without a second factor`, `only with role manager`.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        let told = |edits: &Option<Vec<Edit>>, words: fn(&Edit) -> String| {
            let edits = edits.iter().flatten().map(words).collect::<Vec<_>>();
            (!edits.is_empty()).then(|| edits.join(" and "))
        };
        let now = told(&self.no_longer_needed, Edit::given_up);
        now.into_iter().chain(told(&self.now_needed, Edit::asked_for)).collect()
    }
}

/// Compares what was required with what is.
///
/// # Errors
///
/// When a requirement is too complex to decide within the limit of memory.
pub fn compare(before: Side<'_>, now: Side<'_>) -> Result<Comparison, TooComplex> {
    let nobody = Some(Caller::Nobody);
    match (before.public, now.public) {
        (true, true) => return Ok(Comparison::default()),
        (false, true) => return Ok(Comparison { newly_allowed: nobody, ..Comparison::default() }),
        (true, false) => return Ok(Comparison { newly_denied: nobody, ..Comparison::default() }),
        (false, false) => {}
    }
    if before.requirement == now.requirement && std::ptr::eq(before.vocabulary, now.vocabulary) {
        return Ok(Comparison::default());
    }
    let space = Space::new(&[before, now], &Identity::default())?;
    let (passed, passing) = (space.passing(before)?, space.passing(now)?);
    let newly_allowed = space.nearest(&and_not(&passing, &passed)?);
    let newly_denied = space.nearest(&and_not(&passed, &passing)?);
    Ok(Comparison {
        newly_allowed: newly_allowed.map(Caller::Somebody),
        newly_denied: newly_denied.map(Caller::Somebody),
        ..Comparison::default()
    })
}

impl Comparison {
    /// The comparison with what its witnesses lack on the other side.
    ///
    /// For a change that is told: finding it takes as long as the comparison.
    ///
    /// # Errors
    ///
    /// When a requirement is too complex to decide within the limit of memory.
    pub fn explained(self, before: Side<'_>, now: Side<'_>) -> Result<Self, TooComplex> {
        let needed = |side, caller: &Option<Caller>| match caller {
            Some(Caller::Somebody(identity)) => why(side, identity),
            Some(Caller::Nobody) | None => Ok(None),
        };
        let no_longer_needed = needed(before, &self.newly_allowed)?;
        let now_needed = needed(now, &self.newly_denied)?;
        Ok(Self { no_longer_needed, now_needed, ..self })
    }
}
