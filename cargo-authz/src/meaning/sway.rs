//! What single things do to a decision.

use std::collections::BTreeSet;

use biodivine_lib_bdd::Bdd;

use super::diagram::{TooComplex, and_not};
use super::leaves::Leaf;
use super::space::{Fact, Side, Space};
use crate::identity::Identity;

/// Whether there is somebody who does not pass, and passes with this role beside what is held.
///
/// # Errors
///
/// When the requirement is too complex to decide.
pub fn role_opens(side: Side<'_>, role: &str) -> Result<bool, TooComplex> {
    let held = Identity { roles: [role.to_owned()].into(), ..Identity::default() };
    let space = Space::new(&[side], &held)?;
    let passing = space.passing(side)?;
    let Some(fact) = space.place(&Fact::Role(role.to_owned())) else { return Ok(false) };
    let with = space.with(&passing, fact, true);
    let without = space.with(&passing, fact, false);
    Ok(!and_not(&with, &without)?.is_false())
}

/// Whether somebody passes who holds nothing but what is `allowed`.
///
/// # Errors
///
/// When the requirement is too complex to decide.
pub fn passes_with(side: Side<'_>, allowed: impl Fn(Leaf<'_>) -> bool) -> Result<bool, TooComplex> {
    let space = Space::new(&[side], &Identity::default())?;
    let mut passing: Bdd = space.passing(side)?;
    for (place, fact) in space.facts.iter().enumerate() {
        let leaf = match fact {
            Fact::Role(name) => Leaf::Role(name),
            Fact::Scope(name) => Leaf::Scope(name),
            Fact::Mfa => Leaf::Mfa,
            Fact::Bound => Leaf::Bound,
            Fact::Acr(Some(class)) => Leaf::Acr(class),
            Fact::Age(Some(age)) => Leaf::Age(*age),
            Fact::Acr(None) | Fact::Age(None) => continue,
        };
        if !allowed(leaf) {
            passing = space.with(&passing, place, false);
        }
    }
    Ok(!passing.is_false())
}

/// What somebody who holds this role, and no other, needs besides to pass; with no role, what
/// somebody without any needs. `None` where that does not help.
///
/// # Errors
///
/// When the requirement is too complex to decide.
pub fn beside_role(side: Side<'_>, role: Option<&str>) -> Result<Option<Identity>, TooComplex> {
    if side.public {
        return Ok(Some(Identity::default()));
    }
    let held =
        Identity { roles: role.into_iter().map(str::to_owned).collect(), ..Identity::default() };
    let space = Space::new(&[side], &held)?;
    let mut passing = space.passing(side)?;
    for (place, fact) in space.facts.iter().enumerate() {
        if let Fact::Role(name) = fact {
            passing = space.with(&passing, place, role == Some(name));
        }
    }
    let besides = space.nearest(&passing);
    Ok(besides.map(|identity| Identity { roles: BTreeSet::new(), ..identity }))
}
