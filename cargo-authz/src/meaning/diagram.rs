//! Decision diagrams: functions of yes-or-no facts in a form in which equality, emptiness and the
//! cheapest solution can be read off.
//!
//! The diagrams are those of `biodivine-lib-bdd`, with a limit on their size. Here is what that
//! crate has not: costs, and the solutions that are minimal by inclusion.

use std::collections::HashMap;

use authz_manifest::Requirement;
use biodivine_lib_bdd::{
    Bdd, BddPartialValuation, BddPointer, BddVariable, BddVariableSet, op_function,
};

use super::leaves::Leaf;

/// The greatest number of nodes of a diagram. A requirement takes about one for each name in it.
const MAX_NODES: usize = 1 << 18;

/// A requirement whose diagram is beyond the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooComplex;

/// The facts of some diagrams, by their number.
pub(crate) struct Facts {
    variables: BddVariableSet,
    count: usize,
}

/// A function of the facts.
pub(crate) type Diagram = Result<Bdd, TooComplex>;

/// Both.
pub(crate) fn and(left: &Bdd, right: &Bdd) -> Diagram {
    Bdd::binary_op_with_limit(MAX_NODES, left, right, op_function::and).ok_or(TooComplex)
}

/// At least one of the two.
pub(crate) fn or(left: &Bdd, right: &Bdd) -> Diagram {
    Bdd::binary_op_with_limit(MAX_NODES, left, right, op_function::or).ok_or(TooComplex)
}

/// The first without the second.
pub(crate) fn and_not(left: &Bdd, right: &Bdd) -> Diagram {
    Bdd::binary_op_with_limit(MAX_NODES, left, right, op_function::and_not).ok_or(TooComplex)
}

impl Facts {
    pub(crate) fn new(count: usize) -> Result<Self, TooComplex> {
        // One more is used by the crate for its terminals.
        let few = u16::try_from(count).ok().filter(|few| *few < u16::MAX).ok_or(TooComplex)?;
        Ok(Self { variables: BddVariableSet::new_anonymous(few), count })
    }

    pub(crate) fn constant(&self, value: bool) -> Bdd {
        if value { self.variables.mk_true() } else { self.variables.mk_false() }
    }

    /// At least one of these facts.
    pub(crate) fn any_of(&self, facts: impl IntoIterator<Item = usize>) -> Bdd {
        let literals: Vec<_> =
            facts.into_iter().map(|fact| (BddVariable::from_index(fact), true)).collect();
        self.variables.mk_disjunctive_clause(&BddPartialValuation::from_values(&literals))
    }

    /// Exactly one of these facts.
    pub(crate) fn one_of(&self, facts: impl IntoIterator<Item = usize>) -> Bdd {
        let variables: Vec<_> = facts.into_iter().map(BddVariable::from_index).collect();
        self.variables.mk_sat_exactly_k(1, &variables)
    }

    /// The first fact only where the second is.
    pub(crate) fn implies(&self, premise: usize, conclusion: usize) -> Bdd {
        let literals = [
            (BddVariable::from_index(premise), false),
            (BddVariable::from_index(conclusion), true),
        ];
        self.variables.mk_disjunctive_clause(&BddPartialValuation::from_values(&literals))
    }

    /// Not both of these facts.
    pub(crate) fn not_both(&self, left: usize, right: usize) -> Bdd {
        let literals =
            [(BddVariable::from_index(left), false), (BddVariable::from_index(right), false)];
        self.variables.mk_disjunctive_clause(&BddPartialValuation::from_values(&literals))
    }

    /// What holds of the other facts when this one has a value.
    #[expect(
        clippy::unused_self,
        reason = "the number of a fact means something for its facts only"
    )]
    pub(crate) fn with(&self, diagram: &Bdd, fact: usize, value: bool) -> Bdd {
        diagram.var_restrict(BddVariable::from_index(fact), value)
    }

    /// The diagram of a requirement, from those of its ends.
    pub(crate) fn tree(
        &self,
        requirement: &Requirement,
        leaf: &impl Fn(Leaf<'_>) -> Bdd,
    ) -> Diagram {
        Ok(match requirement {
            Requirement::Anyone | Requirement::Authenticated => self.constant(true),
            Requirement::Role(name) => leaf(Leaf::Role(name)),
            Requirement::Scope(name) => leaf(Leaf::Scope(name)),
            Requirement::Mfa => leaf(Leaf::Mfa),
            Requirement::Bound => leaf(Leaf::Bound),
            Requirement::Acr(class) => leaf(Leaf::Acr(class)),
            Requirement::MaxAge(age) => leaf(Leaf::Age(*age)),
            Requirement::All(parts) => {
                let mut all = self.constant(true);
                for part in parts {
                    all = and(&all, &self.tree(part, leaf)?)?;
                }
                all
            }
            Requirement::Any(parts) => {
                let mut any = self.constant(false);
                for part in parts {
                    any = or(&any, &self.tree(part, leaf)?)?;
                }
                any
            }
            Requirement::Not(part) => self.tree(part, leaf)?.into_not(),
            Requirement::Rule { requires, .. } => self.tree(requires, leaf)?,
        })
    }

    /// The solution of the least total cost, if there is a solution.
    ///
    /// `costs` has what each fact costs when it is false and when it is true. The first of several
    /// solutions of one cost is found, with false before true.
    pub(crate) fn cheapest(&self, diagram: &Bdd, costs: &[(u128, u128)]) -> Option<Vec<bool>> {
        let mut search = Cheapest { diagram, costs, known: HashMap::new() };
        search.cost(diagram.root_pointer())?;
        let mut solution: Vec<bool> = costs.iter().map(|(off, on)| on < off).collect();
        solution.resize(self.count, false);
        let mut node = diagram.root_pointer();
        while !node.is_terminal() {
            let value = search.prefers_high(node);
            let (index, next) = if value {
                (diagram.var_of(node).to_index(), diagram.high_link_of(node))
            } else {
                (diagram.var_of(node).to_index(), diagram.low_link_of(node))
            };
            if let Some(place) = solution.get_mut(index) {
                *place = value;
            }
            node = next;
        }
        Some(solution)
    }

    /// The solutions of which no part is a solution.
    ///
    /// What passes with more than it needs is added first, one fact after the other, so that whoever holds more
    /// passes; what passes without one of its facts is left out then.
    pub(crate) fn minimal(&self, diagram: &Bdd) -> Result<Minimal, TooComplex> {
        let mut upward = diagram.clone();
        for fact in 0..self.count {
            let without = self.with(&upward, fact, false);
            upward = or(&upward, &and(&self.any_of([fact]), &without)?)?;
        }
        let mut minimal = upward.clone();
        for fact in 0..self.count {
            let without = self.with(&upward, fact, false);
            minimal = and_not(&minimal, &and(&self.any_of([fact]), &without)?)?;
        }
        Ok(Minimal(minimal))
    }
}

/// Solutions of which none is a part of another, however many there are.
pub(crate) struct Minimal(Bdd);

impl Minimal {
    /// Counts them; beyond the greatest number, says that.
    pub(crate) fn count(&self) -> u64 {
        self.0.exact_cardinality().try_into().unwrap_or(u64::MAX)
    }

    /// Returns them as lists of facts, one after the other.
    pub(crate) fn solutions(&self) -> impl Iterator<Item = Vec<usize>> + '_ {
        self.0.sat_valuations().map(|valuation| {
            let facts = valuation.into_vector().into_iter().enumerate();
            facts.filter(|(_, holds)| *holds).map(|(fact, _)| fact).collect()
        })
    }
}

struct Cheapest<'a> {
    diagram: &'a Bdd,
    costs: &'a [(u128, u128)],
    /// The cost beyond that of leaving every fact at its cheaper value.
    known: HashMap<BddPointer, Option<u128>>,
}

impl Cheapest<'_> {
    fn cost(&mut self, node: BddPointer) -> Option<u128> {
        if let Some(value) = node.as_bool() {
            return value.then_some(0);
        }
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let (low, high) = self.branches(node);
        let cost = low.into_iter().chain(high).min();
        self.known.insert(node, cost);
        cost
    }

    fn prefers_high(&mut self, node: BddPointer) -> bool {
        match self.branches(node) {
            (Some(low), Some(high)) => high < low,
            (None, _) => true,
            (Some(_), None) => false,
        }
    }

    fn branches(&mut self, node: BddPointer) -> (Option<u128>, Option<u128>) {
        let index = self.diagram.var_of(node).to_index();
        let (off, on) = self.costs.get(index).copied().unwrap_or_default();
        let least = off.min(on);
        let low = self.cost(self.diagram.low_link_of(node)).map(|cost| cost + (off - least));
        let high = self.cost(self.diagram.high_link_of(node)).map(|cost| cost + (on - least));
        (low, high)
    }
}
