//! One function that changed, and what the change does.

use authz_manifest::{Function, Object};
use serde::Serialize;

use crate::meaning::{Comparison, Verdict};

/// One function that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What the change does.
    pub kind: ChangeKind,
    /// The function as it was.
    pub before: Option<Function>,
    /// The function as it is.
    pub now: Option<Function>,
    /// Who passes now and who does no more. Of a new function, the weakest who passes.
    pub comparison: Comparison,
    /// Who sees the objects of any owner now, and who does no more; where what is checked of objects is
    /// written otherwise, or the function is new.
    pub any_owner: Comparison,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Callers without a token pass who did not, or the function is new and takes them.
    Exposed,
    /// Some pass who did not.
    Widened,
    /// Some are new and some are lost.
    Both,
    /// A function that was not there.
    New,
    /// Some pass no more.
    Narrowed,
    /// Declared under another route, and the same callers pass.
    Rerouted,
    /// Under another path in the code, and the same callers pass.
    Moved,
    /// Written otherwise, and the same callers pass.
    Same,
    /// A function that is not there any more.
    Gone,
}

impl ChangeKind {
    /// All of them, from the one to look at first.
    pub const ALL: [Self; 9] = [
        Self::Exposed,
        Self::Widened,
        Self::Both,
        Self::New,
        Self::Narrowed,
        Self::Rerouted,
        Self::Moved,
        Self::Same,
        Self::Gone,
    ];

    /// The kind in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Exposed => "open to callers without a token",
            Self::Widened => Verdict::Widened.words(),
            Self::Both => Verdict::Both.words(),
            Self::New => "new",
            Self::Narrowed => Verdict::Narrowed.words(),
            Self::Rerouted => "route changed",
            Self::Moved => "moved, same meaning",
            Self::Same => Verdict::Same.words(),
            Self::Gone => "gone",
        }
    }

    /// Whether somebody can do something that nobody of that kind could.
    #[must_use]
    pub const fn widens(self) -> bool {
        matches!(self, Self::Exposed | Self::Widened | Self::Both | Self::New)
    }
}

impl Change {
    /// The function, as it is or as it was.
    #[must_use]
    pub fn id(&self) -> &str {
        self.now.as_ref().or(self.before.as_ref()).map_or("", |function| &function.id)
    }

    /// The source file and the line, where the function is there and they are known.
    #[must_use]
    pub fn place(&self) -> Option<(&str, u32)> {
        let function = self.now.as_ref().filter(|function| !function.file.is_empty())?;
        Some((&function.file, function.line))
    }

    /// The id that the function had, where it moved.
    #[must_use]
    pub fn moved_from(&self) -> Option<&str> {
        let before = self.before.as_ref()?;
        self.now.as_ref().filter(|now| now.id != before.id).map(|_| before.id.as_str())
    }

    /// Whether nothing is written otherwise: what a name of the policy stands for made the change.
    #[must_use]
    pub fn by_policy(&self) -> bool {
        match (&self.before, &self.now) {
            (Some(before), Some(now)) => before.id == now.id && lines_of(before) == lines_of(now),
            _ => false,
        }
    }

    /// The verdict in words: `widened`, `moved and widened`, `widened by the policy`.
    #[must_use]
    pub fn verdict(&self) -> String {
        let words = match (self.kind, &self.before) {
            (ChangeKind::Exposed, None) => format!("new, and {}", self.kind.words()),
            (kind, _) if self.moved_from().is_some() && kind != ChangeKind::Moved => {
                format!("moved and {}", kind.words())
            }
            (kind, _) => kind.words().to_owned(),
        };
        if self.by_policy() { format!("{words} by the policy") } else { words }
    }

    /// The verdict with the difference: `widened, without a second factor`.
    #[must_use]
    pub fn headline(&self) -> String {
        [vec![self.verdict()], self.differences()].concat().join(", ")
    }

    /// What is asked for no longer, and what is now; where the verdict does not say it.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        match self.kind {
            ChangeKind::Exposed | ChangeKind::New => Vec::new(),
            _ => self.comparison.differences(),
        }
    }

    /// What is written otherwise: each line as it was, and as it is.
    #[must_use]
    pub fn lines(&self) -> (Vec<String>, Vec<String>) {
        let before = self.before.as_ref().map(lines).unwrap_or_default();
        let now = self.now.as_ref().map(lines).unwrap_or_default();
        let only = |these: &[String], others: &[String]| {
            these.iter().filter(|line| !others.contains(line)).cloned().collect::<Vec<_>>()
        };
        let (mut removed, mut added) = (only(&before, &now), only(&now, &before));
        if let Some(from) = self.moved_from() {
            removed.insert(0, format!("fn {from}"));
            added.insert(0, format!("fn {}", self.id()));
        }
        if let (Some(before), Some(now)) = (&self.before, &self.now) {
            if before.policy != now.policy {
                removed.push(format!("policy {}", before.policy));
                added.push(format!("policy {}", now.policy));
            } else if removed.is_empty() && added.is_empty() && before != now {
                // The same parts in another order.
                removed.extend(whole(before, now));
                added.extend(whole(now, before));
            }
        }
        (removed, added)
    }
}

/// A requirement in one line, where the other is another.
fn whole(function: &Function, other: &Function) -> Option<String> {
    let differs = function.requirement != other.requirement;
    differs.then(|| function.requirement.to_string())
}

/// What decides about a function, line by line.
fn lines(function: &Function) -> Vec<String> {
    let reason = function.reason.iter().map(|reason| format!("{}: {reason}", function.kind));
    let route = function.route.iter().map(|route| format!("route {route}"));
    let parts =
        if function.kind == "requires" { function.requirement.in_words() } else { Vec::new() };
    let object = function.object.iter().flat_map(Object::in_words);
    // Nobody is denied by it, and a reviewer wants to know that it is there.
    let shadow =
        function.shadow.iter().map(|shadow| format!("shadow {shadow}, which denies nobody"));
    parts.into_iter().chain(object).chain(reason).chain(route).chain(shadow).collect()
}

/// What has to be equal for a function to be unchanged.
pub(crate) type Lines<'a> =
    (&'a str, &'a str, String, Vec<String>, Option<&'a str>, Option<&'a str>, Option<String>);

pub(crate) fn lines_of(function: &Function) -> Lines<'_> {
    (
        &function.kind,
        &function.policy,
        function.requirement.to_string(),
        function.object.iter().flat_map(Object::in_words).collect(),
        function.reason.as_deref(),
        function.route.as_deref(),
        function.shadow.as_ref().map(ToString::to_string),
    )
}
