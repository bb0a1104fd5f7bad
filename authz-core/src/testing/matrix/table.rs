//! The text of the golden table.

use std::fmt::Write as _;

use super::answer::Refusal;
use super::endpoint::Endpoint;
use super::plan::Plan;
use super::vocabulary::Vocabulary;
use crate::manifest::Function;

const HEADER: &str = "\
# Who passes each handler, and what everybody who is one step weaker is answered.
# Written by the test with `denial_matrix!` when AUTHZ_UPDATE=1 is set, for people to review.
";

/// Begins the stanza of what is not held to its promise.
const EXEMPT: &str = "exempt";

/// A function that the matrix does not hold to its promise, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exemption {
    pub(super) function: String,
    pub(super) reason: String,
}

/// Everything that the table tells.
pub(super) struct Contents<'a> {
    pub(super) endpoints: &'a [(Endpoint, Plan)],
    /// Routes without a function, in a line each.
    pub(super) services: &'a [String],
    pub(super) unrouted: &'a [Function],
    pub(super) exempt: &'a [Exemption],
    pub(super) vocabulary: &'a Vocabulary,
}

impl Contents<'_> {
    pub(super) fn text(&self) -> String {
        let mut text = HEADER.to_owned();
        for (endpoint, plan) in self.endpoints {
            let Function { id, kind, .. } = &endpoint.function;
            let lines = self.lines(plan, &endpoint.function);
            stanza(&mut text, &format!("{endpoint} {id} ({kind})"), lines);
        }
        for service in self.services {
            stanza(&mut text, service, vec!["passes: anybody".to_owned()]);
        }
        for function in self.unrouted {
            let Function { id, kind, .. } = function;
            let plan = Plan::of(function, self.vocabulary);
            let heading = format!("{id} ({kind}), by no route of the router");
            let mut lines = plan.lines(self.vocabulary);
            lines.extend(objects(function));
            stanza(&mut text, &heading, lines);
        }
        if !self.exempt.is_empty() {
            let lines = self.exempt.iter().map(|one| format!("{}: {}", one.function, one.reason));
            stanza(&mut text, EXEMPT, lines.collect());
        }
        text
    }

    /// Callers without a good token get the same from every guarded function, in two lines.
    fn lines(&self, plan: &Plan, function: &Function) -> Vec<String> {
        let mut lines = plan.lines(self.vocabulary);
        if plan.guarded {
            lines.push(format!("{}: no credentials", Refusal::no_credentials()));
            lines.push(format!("{}: any spoilt token", Refusal::invalid_token()));
        }
        lines.extend(objects(function));
        lines
    }
}

/// What the function says of the objects it opens. That is checked behind the guard, with the object in
/// hand, so no request of the matrix is about it.
fn objects(function: &Function) -> Option<String> {
    let words = function.object.as_ref()?.in_words().join(", ");
    Some(format!("objects, behind the guard: {words}"))
}

fn stanza(text: &mut String, heading: &str, lines: Vec<String>) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "\n{heading}");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

/// The functions that a table exempts.
pub(super) fn exempt(table: &str) -> Vec<&str> {
    let mut lines = table.lines().skip_while(|line| *line != EXEMPT).skip(1);
    let of_stanza = lines.by_ref().take_while(|line| line.starts_with("  "));
    of_stanza.filter_map(|line| Some(line.trim().split_once(": ")?.0)).collect()
}
