//! Two requirements beside each other: who passes now and did not before, and the other way round.

use serde::Serialize;

use super::diagram::{TooComplex, and_not};
use super::space::{Side, Space};
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
    /// Somebody who passed before and does not now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newly_denied: Option<Caller>,
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
}

/// Compares what was required with what is.
///
/// # Errors
///
/// When a requirement is too complex to decide within the limit of memory.
pub fn compare(before: Side<'_>, now: Side<'_>) -> Result<Comparison, TooComplex> {
    match (before.public, now.public) {
        (true, true) => return Ok(Comparison::default()),
        (false, true) => {
            return Ok(Comparison { newly_allowed: Some(Caller::Nobody), newly_denied: None });
        }
        (true, false) => {
            return Ok(Comparison { newly_allowed: None, newly_denied: Some(Caller::Nobody) });
        }
        (false, false) => {}
    }
    if before.requirement == now.requirement && std::ptr::eq(before.vocabulary, now.vocabulary) {
        return Ok(Comparison::default());
    }
    let space = Space::new(&[before, now], &Identity::default())?;
    let (before, now) = (space.passing(before)?, space.passing(now)?);
    let smallest = |diagram| space.nearest(&diagram).map(Caller::Somebody);
    Ok(Comparison {
        newly_allowed: smallest(and_not(&now, &before)?),
        newly_denied: smallest(and_not(&before, &now)?),
    })
}
