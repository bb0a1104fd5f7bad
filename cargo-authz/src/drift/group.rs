//! Functions that changed for one reason, told once.

use super::change::{Change, ChangeKind};

/// Changes that are told together: one, or several by the policy that make the same difference.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// At least one.
    pub changes: Vec<&'a Change>,
}

impl<'a> Group<'a> {
    /// The first of them.
    #[must_use]
    pub fn first(&self) -> Option<&'a Change> {
        self.changes.first().copied()
    }
}

pub(super) fn groups(changes: &[Change]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for kind in ChangeKind::ALL {
        for change in changes.iter().filter(|change| change.kind == kind) {
            let same = |group: &&mut Group<'_>| {
                group.first().is_some_and(|first| {
                    first.by_policy() && change.by_policy() && first.kind == change.kind
                })
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.changes.push(change),
                None => groups.push(Group { changes: vec![change] }),
            }
        }
    }
    groups
}
