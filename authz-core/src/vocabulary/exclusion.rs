//! Static separation of duty (ANSI INCITS 359): roles that nobody may hold together.
//!
//! The derive refuses a role that includes both sides, so only several roles together can break
//! the rule: those of a token, or those that a requirement asks for.

use super::{Bits, Table, Vocabulary};

/// The wire names of two held roles that exclude each other.
pub(crate) fn held_together<V: Vocabulary>(held: &V::Bits) -> Option<(&'static str, &'static str)> {
    let table = V::TABLE;
    let name = |index: u32| table.names.get(index as usize).copied().unwrap_or_default();
    table
        .excludes
        .iter()
        .find(|(left, right)| held.contains(*left as usize) && held.contains(*right as usize))
        .map(|(left, right)| (name(*left), name(*right)))
}

/// Why nobody may hold both names: one that `left` includes and one that `right` includes, which
/// exclude each other.
pub(crate) const fn conflict(table: &Table, left: usize, right: usize) -> Option<(usize, usize)> {
    let mut pairs = table.excludes;
    while let [(one, other), rest @ ..] = pairs {
        let (one, other) = (*one as usize, *other as usize);
        if table.includes(left, one) && table.includes(right, other) {
            return Some((one, other));
        }
        if table.includes(left, other) && table.includes(right, one) {
            return Some((other, one));
        }
        pairs = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{conflict, held_together};
    use crate::{Roles, Vocabulary};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    enum Role {
        #[role(includes(Clerk))]
        Manager,
        Clerk,
        #[role(excludes(Clerk))]
        Auditor,
        #[role(includes(Auditor))]
        Inspector,
        Guest,
    }

    #[test]
    fn what_includes_a_side_conflicts_with_what_includes_the_other() {
        let found = |left: Role, right: Role| {
            conflict(Role::TABLE, left.index(), right.index())
                .map(|(left, right)| (Role::ALL[left], Role::ALL[right]))
        };
        assert_eq!(found(Role::Clerk, Role::Auditor), Some((Role::Clerk, Role::Auditor)));
        assert_eq!(found(Role::Inspector, Role::Manager), Some((Role::Auditor, Role::Clerk)));
        assert_eq!(found(Role::Manager, Role::Clerk), None);
        assert_eq!(found(Role::Guest, Role::Auditor), None);
        assert_eq!(found(Role::Auditor, Role::Auditor), None);
    }

    #[test]
    fn both_sides_of_a_pair_are_named() {
        let held = |roles: &[Role]| {
            let mut held = 0;
            for role in roles {
                held |= Role::CLOSURE[role.index()][0];
            }
            held_together::<Role>(&[held])
        };
        assert_eq!(held(&[Role::Manager, Role::Inspector]), Some(("clerk", "auditor")));
        assert_eq!(held(&[Role::Manager, Role::Guest]), None);
        assert_eq!(held(&[Role::Inspector, Role::Guest]), None);
    }
}
