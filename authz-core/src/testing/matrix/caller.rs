//! Somebody who calls: what an identity holds, as far as requirements can see it.

use std::collections::BTreeSet;

use super::vocabulary::{Set, Vocabulary};
use authz_manifest::Age;

/// What an identity holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Caller {
    /// Closed over the hierarchy.
    pub(super) roles: Set,
    /// Closed over the hierarchy.
    pub(super) scopes: Set,
    pub(super) mfa: bool,
    pub(super) bound: bool,
    pub(super) acr: Option<String>,
    /// Seconds since the log-in, where the token tells.
    pub(super) age: Option<u64>,
}

impl Caller {
    /// Whether `other` has everything that this one has.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let class = self.acr.is_none() || self.acr == other.acr;
        let age = match (self.age, other.age) {
            (None, _) => true,
            (Some(ours), Some(theirs)) => theirs <= ours,
            (Some(_), None) => false,
        };
        self.roles.is_subset(&other.roles)
            && self.scopes.is_subset(&other.scopes)
            && self.mfa <= other.mfa
            && self.bound <= other.bound
            && class
            && age
    }

    /// Everybody who is one step weaker: a role less or what it includes in its place, a scope
    /// likewise, no second factor, another class, an older log-in, a token that is not bound.
    pub(super) fn weaker(&self, vocabulary: &Vocabulary) -> BTreeSet<Self> {
        let roles = vocabulary.roles.weaker(&self.roles).into_iter();
        let mut weaker: BTreeSet<_> = roles.map(|roles| Self { roles, ..self.clone() }).collect();
        let scopes = vocabulary.scopes.weaker(&self.scopes).into_iter();
        weaker.extend(scopes.map(|scopes| Self { scopes, ..self.clone() }));
        weaker.extend(self.mfa.then(|| Self { mfa: false, ..self.clone() }));
        weaker.extend(self.bound.then(|| Self { bound: false, ..self.clone() }));
        if let Some(class) = &self.acr {
            weaker.insert(Self { acr: None, ..self.clone() });
            weaker.insert(Self { acr: Some(format!("not-{class}")), ..self.clone() });
        }
        if let Some(age) = self.age {
            weaker.insert(Self { age: None, ..self.clone() });
            weaker.insert(Self { age: age.checked_add(1), ..self.clone() });
        }
        weaker
    }

    /// `role clerk, scope write:orders, second factor, bound token, logged in 4m ago`, as `cargo
    /// authz` names callers.
    pub(super) fn in_words(&self, vocabulary: &Vocabulary) -> String {
        let names = |held: &Set, kind: &str, of: &super::vocabulary::Names| {
            let mut words: Vec<_> =
                of.given(held).iter().map(|name| format!("{kind} {}", of.name(*name))).collect();
            words.sort();
            words
        };
        let mut words = names(&self.roles, "role", &vocabulary.roles);
        words.extend(names(&self.scopes, "scope", &vocabulary.scopes));
        words.extend(self.mfa.then(|| "second factor".to_owned()));
        words.extend(self.bound.then(|| "bound token".to_owned()));
        words.extend(self.acr.iter().map(|class| format!("acr {class}")));
        words.extend(self.age.map(|age| format!("logged in {} ago", Age(age))));
        if words.is_empty() { "any identity".to_owned() } else { words.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::tests::shop;
    use super::Caller;

    #[test]
    fn a_caller_in_words() {
        let shop = shop();
        let caller = Caller {
            roles: shop.roles.closed(&[1]),
            scopes: shop.scopes.closed(&[0]),
            mfa: true,
            bound: true,
            acr: Some("gold".to_owned()),
            age: Some(301),
        };
        assert_eq!(
            caller.in_words(&shop),
            "role manager, scope write, second factor, bound token, acr gold, logged in 301s ago"
        );
        assert_eq!(Caller::default().in_words(&shop), "any identity");
    }

    #[test]
    fn every_step_down_is_within_or_another_class() {
        let shop = shop();
        let caller = Caller {
            roles: shop.roles.closed(&[1]),
            scopes: shop.scopes.closed(&[0]),
            mfa: true,
            bound: true,
            acr: Some("gold".to_owned()),
            age: Some(300),
        };
        let weaker = caller.weaker(&shop);
        assert_eq!(weaker.len(), 2 + 2 + 1 + 1 + 2 + 2);
        for one in &weaker {
            assert_ne!(*one, caller);
            assert!(one.is_within(&caller) || one.acr.as_deref() == Some("not-gold"), "{one:?}");
        }
    }
}
