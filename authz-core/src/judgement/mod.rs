//! Judges what a requirement means, while it is compiled: whether anybody can meet it, and whether
//! each of its parts makes a difference.
//!
//! Exact for up to [`LIMIT`] different names, classes and ages, over the hierarchy and what
//! excludes what. Beyond that it says nothing. Absent on purpose: dead branches of an `any`, which
//! are harmless, so that a change of the hierarchy does not break functions that are still right.

mod message;
#[cfg(test)]
mod tests;
mod worlds;

pub use message::accept;

use crate::policy::Policy;
use crate::requirement::Requirement;
use crate::vocabulary::{Table, Vocabulary};
use worlds::{Names, Worlds};

/// How many different names, classes and ages a list may speak of and still be judged.
pub const LIMIT: usize = 8;

/// What is to be said of one part of a list of parts that are all required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Fine,
    /// With this part, nobody is let in any more.
    Nobody(Because),
    /// Every identity meets it.
    Everybody,
    /// Whoever meets the rest meets it.
    Implied(Because),
}

/// Which of the other parts make it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// None: it is so for itself.
    Alone,
    /// The one at this position.
    Part(usize),
    /// What the block around the function requires.
    Block,
    /// Several together.
    Others,
}

/// Whether the parts are the whole requirement, or stand somewhere inside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Who can't meet the parts can't call the function.
    Root,
    /// That nobody can meet the parts is the dead branch of an alternative.
    Inside,
    /// They are an `any_owner`, and the block is what its function requires.
    AnyOwner,
}

/// Parts that are all required, with what is to be said of each, and as the user wrote them.
#[derive(Debug)]
pub struct Judged<const PARTS: usize> {
    place: Place,
    verdicts: [Verdict; PARTS],
    parts: [Requirement; PARTS],
    texts: [&'static str; PARTS],
}

/// Judges each of `parts`, which are all required, beside what the block around requires.
///
/// A name that the policy does not have is reported elsewhere; nothing is said here then.
#[must_use]
pub const fn judge<P: Policy, const PARTS: usize>(
    place: Place,
    block: &[Requirement],
    parts: [Requirement; PARTS],
    texts: [&'static str; PARTS],
) -> Judged<PARTS> {
    let (roles, scopes) = (<P::Role as Vocabulary>::TABLE, <P::Scope as Vocabulary>::TABLE);
    Judged { place, verdicts: judge_with(roles, scopes, place, block, &parts), parts, texts }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, on positions below PARTS")]
const fn judge_with<const PARTS: usize>(
    roles: &'static Table,
    scopes: &'static Table,
    place: Place,
    block: &[Requirement],
    parts: &[Requirement; PARTS],
) -> [Verdict; PARTS] {
    let mut verdicts = [Verdict::Fine; PARTS];
    let mut names = Names::new(roles, scopes);
    if !names.collect(block) || !names.collect(parts) {
        return verdicts;
    }
    let possible = names.possible();
    let given = names.all(block).and(possible);
    if given.is_empty() {
        // Said of the block.
        return verdicts;
    }
    let mut worlds = [Worlds::NONE; PARTS];
    let mut position = 0;
    while position < PARTS {
        worlds[position] = names.worlds(&parts[position]).and(possible);
        position += 1;
    }
    match contradiction(given, &worlds) {
        Some((position, because)) => {
            if !matches!(place, Place::Inside) {
                verdicts[position] = Verdict::Nobody(because);
            }
        }
        None => find_idle(possible, given, &worlds, &mut verdicts),
    }
    verdicts
}

/// The first part that leaves nobody, with the one that it contradicts.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, on positions below PARTS")]
const fn contradiction<const PARTS: usize>(
    given: Worlds,
    worlds: &[Worlds; PARTS],
) -> Option<(usize, Because)> {
    let mut left = given;
    let mut position = 0;
    while position < PARTS {
        let part = worlds[position];
        left = left.and(part);
        if left.is_empty() {
            if part.is_empty() {
                return Some((position, Because::Alone));
            }
            let mut other = 0;
            while other < position {
                if worlds[other].and(part).is_empty() {
                    return Some((position, Because::Part(other)));
                }
                other += 1;
            }
            let by_block = given.and(part).is_empty();
            return Some((position, if by_block { Because::Block } else { Because::Others }));
        }
        position += 1;
    }
    None
}

/// Notes the parts without which the same identities would be let in; never so many that their
/// absence together would let in more.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, on positions below PARTS")]
const fn find_idle<const PARTS: usize>(
    possible: Worlds,
    given: Worlds,
    worlds: &[Worlds; PARTS],
    verdicts: &mut [Verdict; PARTS],
) {
    let mut position = 0;
    while position < PARTS {
        if possible.within(worlds[position]) {
            verdicts[position] = Verdict::Everybody;
        } else if given.within(worlds[position]) {
            verdicts[position] = Verdict::Implied(Because::Block);
        }
        position += 1;
    }
    position = 0;
    while position < PARTS {
        if matches!(verdicts[position], Verdict::Fine)
            && let Some(mut other) = implied_by(position, worlds, verdicts)
        {
            // The reason is a part that stays.
            while let Some(stronger) = implied_by(other, worlds, verdicts) {
                other = stronger;
            }
            verdicts[position] = Verdict::Implied(Because::Part(other));
        }
        position += 1;
    }
    while position > 0 {
        position -= 1;
        if matches!(verdicts[position], Verdict::Fine)
            && others(position, given, worlds, verdicts).within(worlds[position])
        {
            verdicts[position] = Verdict::Implied(Because::Others);
        }
    }
}

/// The part that alone implies the one at `position`; of two that mean the same, the later one is
/// implied.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, on positions below PARTS")]
const fn implied_by<const PARTS: usize>(
    position: usize,
    worlds: &[Worlds; PARTS],
    verdicts: &[Verdict; PARTS],
) -> Option<usize> {
    let mut other = 0;
    while other < PARTS {
        if other != position
            && matches!(verdicts[other], Verdict::Fine)
            && worlds[other].within(worlds[position])
            && (other < position || !worlds[position].within(worlds[other]))
        {
            return Some(other);
        }
        other += 1;
    }
    None
}

/// Whom the parts beside the one at `position` let in, without those already found idle.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, on positions below PARTS")]
const fn others<const PARTS: usize>(
    position: usize,
    given: Worlds,
    worlds: &[Worlds; PARTS],
    verdicts: &[Verdict; PARTS],
) -> Worlds {
    let mut left = given;
    let mut other = 0;
    while other < PARTS {
        if other != position && matches!(verdicts[other], Verdict::Fine) {
            left = left.and(worlds[other]);
        }
        other += 1;
    }
    left
}
