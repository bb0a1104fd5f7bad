//! Who is sent to a function, and what the manifest promises each.

use std::collections::BTreeMap;

use super::answer::{Answer, Refusal};
use super::caller::Caller;
use super::frontier::{frontier, strongest};
use super::tree::Tree;
use super::vocabulary::Vocabulary;
use crate::manifest::Function;

/// What one function promises.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Whoever is asked about, with what they are answered; empty for a public function.
    pub(super) callers: BTreeMap<Caller, Answer>,
    /// Whoever is asked about beside these, and not listed: they tell no more about what is promised.
    pub(super) strongest: BTreeMap<Caller, Answer>,
    /// Whether callers without a good token are refused.
    pub(super) guarded: bool,
    /// Somebody who passes, whose tokens can be spoilt.
    pub(super) good: Caller,
}

impl Plan {
    /// The weakest who pass, everybody one step weaker, and whoever has what is forbidden.
    pub(super) fn of(function: &Function, vocabulary: &Vocabulary) -> Self {
        if function.kind == "public" {
            let nobody = BTreeMap::new();
            let (callers, strongest) = (nobody.clone(), nobody);
            return Self { callers, strongest, guarded: false, good: Caller::default() };
        }
        let tree = Tree::of(&function.requirement, vocabulary);
        let frontier = frontier(&tree, vocabulary);
        let passing = || frontier.iter().filter(|(_, passes)| **passes).map(|(caller, _)| caller);
        let weaker = passing().flat_map(|caller| caller.weaker(vocabulary));
        let asked = frontier.keys().cloned().chain(weaker);
        let promised = |caller: Caller| {
            let answer = if tree.is_met_by(&caller) {
                Answer::Passes
            } else {
                Answer::Refused(Refusal::lacking(&tree.need(&caller), vocabulary))
            };
            (caller, answer)
        };
        let callers: BTreeMap<_, _> = asked.map(promised).collect();
        let others = strongest(&tree, vocabulary).into_iter().map(promised);
        let strongest = others.filter(|(caller, _)| !callers.contains_key(caller)).collect();
        let good = passing().next().cloned().unwrap_or_default();
        Self { callers, strongest, guarded: true, good }
    }

    /// A line for each answer and caller: who passes first, then refusals by their text.
    pub(super) fn lines(&self, vocabulary: &Vocabulary) -> Vec<String> {
        if !self.guarded {
            return vec!["passes: anybody".to_owned()];
        }
        let mut lines: Vec<_> = self
            .callers
            .iter()
            .map(|(caller, answer)| {
                (*answer != Answer::Passes, format!("{answer}: {}", caller.in_words(vocabulary)))
            })
            .collect();
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    }
}
