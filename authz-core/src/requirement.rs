//! What a function asks of an identity: a typed tree of const data.
//!
//! The attribute makes one tree. From it come the compiled check, the record in the manifest and
//! the challenge of a denial. Evaluation here walks the tree and is the reference; the code that
//! `#[requires]` emits for the check is compared with it in tests.

use std::fmt;

use authz_manifest::Age;

use crate::identity::Identity;
use crate::policy::Policy;
use crate::seal::Maker;
use crate::vocabulary::{Bits, Table, Vocabulary};

/// A requirement: the tree behind `#[requires(…)]`.
///
/// # Examples
///
/// ```
/// use authz_core::Requirement;
///
/// const STEP_UP: Requirement = Requirement::All(&[Requirement::Mfa, Requirement::MaxAge(300)]);
/// assert_eq!(STEP_UP.to_string(), "all(mfa, max_age = \"5m\")");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// Nothing at all: `#[public]`.
    Anyone,
    /// Any verified identity.
    Authenticated,
    /// A role, held or included by a held one.
    Role(Name),
    /// A scope, held or included by a held one.
    Scope(Name),
    /// More than one authentication factor.
    Mfa,
    /// Credentials that are bound to their sender, who proved it.
    Bound,
    /// This authentication context class (`acr`), exactly.
    Acr(&'static str),
    /// An authentication at most so many seconds ago.
    MaxAge(u64),
    /// Every part.
    All(&'static [Self]),
    /// At least one part.
    Any(&'static [Self]),
    /// Not this.
    Not(&'static Self),
    /// A requirement with a name, declared by [`rule!`](crate::rule!).
    Rule(&'static Named),
}

/// A role or a scope in a requirement: its wire name and its place in the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    index: u32,
    wire: &'static str,
}

impl Name {
    #[doc(hidden)]
    #[must_use]
    pub const fn role<P: Policy>(index: usize) -> Self {
        Self::of(P::Role::TABLE, index)
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn scope<P: Policy>(index: usize) -> Self {
        Self::of(P::Scope::TABLE, index)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a vocabulary has fewer than 2^32 names")]
    pub(crate) const fn of(table: &Table, index: usize) -> Self {
        let wire = match table.names.split_at_checked(index) {
            Some((_, [wire, ..])) => wire,
            _ => "",
        };
        Self { index: index as u32, wire }
    }

    /// The name as it stands in tokens and in the manifest.
    #[must_use]
    pub const fn wire(&self) -> &'static str {
        self.wire
    }

    /// The position of the name in its vocabulary.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index as usize
    }
}

/// The name of a rule and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    name: &'static str,
    requirement: Requirement,
}

impl Named {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(_: Maker, name: &'static str, requirement: Requirement) -> Self {
        Self { name, requirement }
    }

    /// `crate::module::Rule`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What the rule stands for.
    #[must_use]
    pub const fn requirement(&self) -> &Requirement {
        &self.requirement
    }
}

impl Requirement {
    /// Whether `identity` meets this requirement.
    ///
    /// A missing `acr` or `auth_time` meets nothing that asks for it.
    #[must_use]
    pub fn is_met_by<P: Policy>(&self, identity: &Identity<P>) -> bool {
        match self {
            Self::Anyone | Self::Authenticated => true,
            Self::Role(name) => identity.role_bits().contains(name.index()),
            Self::Scope(name) => identity.scope_bits().contains(name.index()),
            Self::Mfa => identity.mfa(),
            Self::Bound => identity.is_bound(),
            Self::Acr(class) => identity.acr() == Some(class),
            Self::MaxAge(seconds) => identity.authenticated_within(*seconds),
            Self::All(parts) => parts.iter().all(|part| part.is_met_by(identity)),
            Self::Any(parts) => parts.iter().any(|part| part.is_met_by(identity)),
            Self::Not(part) => !part.is_met_by(identity),
            Self::Rule(rule) => rule.requirement.is_met_by(identity),
        }
    }

    /// What `identity` lacks for this requirement; [`Missing::is_nothing`] when it is met.
    ///
    /// Of the alternatives of an `any`, the one that asks least of the caller is named: a new
    /// log-in before another scope, another scope before another role.
    #[must_use]
    pub fn missing_for<P: Policy>(&self, identity: &Identity<P>) -> Missing {
        let lacking = |missing: Missing| {
            if self.is_met_by(identity) { Missing::default() } else { missing }
        };
        match self {
            Self::Anyone | Self::Authenticated => Missing::default(),
            Self::Role(name) => lacking(Missing { roles: vec![name.wire], ..Missing::default() }),
            Self::Scope(name) => lacking(Missing { scopes: vec![name.wire], ..Missing::default() }),
            Self::Mfa => lacking(Missing {
                mfa: true,
                mfa_acr: identity.mfa_classes().to_vec(),
                ..Missing::default()
            }),
            Self::Bound => {
                lacking(Missing { bound: true, dpop: identity.takes_dpop(), ..Missing::default() })
            }
            Self::Acr(class) => lacking(Missing { acr: vec![class], ..Missing::default() }),
            Self::MaxAge(seconds) => {
                lacking(Missing { max_age: Some(*seconds), ..Missing::default() })
            }
            Self::Rule(rule) => rule.requirement.missing_for(identity),
            Self::Not(Self::Not(part)) => part.missing_for(identity),
            Self::Not(part) => {
                lacking(Missing { excluded: Some(part.to_string()), ..Missing::default() })
            }
            Self::All(parts) => parts
                .iter()
                .map(|part| part.missing_for(identity))
                .fold(Missing::default(), Missing::and),
            Self::Any(parts) => parts
                .iter()
                .map(|part| part.missing_for(identity))
                .min_by_key(Missing::cost)
                .unwrap_or_else(|| Missing {
                    excluded: Some(self.to_string()),
                    ..Missing::default()
                }),
        }
    }
}

/// The text of a requirement in the words of the attribute.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("public"),
            Self::Authenticated => f.write_str("authenticated"),
            Self::Role(name) => write!(f, "role = {:?}", name.wire),
            Self::Scope(name) => write!(f, "scope = {:?}", name.wire),
            Self::Mfa => f.write_str("mfa"),
            Self::Bound => f.write_str("bound"),
            Self::Acr(class) => write!(f, "acr = {class:?}"),
            Self::MaxAge(seconds) => write!(f, "max_age = \"{}\"", Age(*seconds)),
            Self::All(parts) => write_parts(f, "all", parts),
            Self::Any(parts) => write_parts(f, "any", parts),
            Self::Not(part) => write!(f, "not({part})"),
            Self::Rule(rule) => write!(f, "rule = {}", rule.name),
        }
    }
}

fn write_parts(f: &mut fmt::Formatter<'_>, word: &str, parts: &[Requirement]) -> fmt::Result {
    write!(f, "{word}(")?;
    for (position, part) in parts.iter().enumerate() {
        let separator = if position == 0 { "" } else { ", " };
        write!(f, "{separator}{part}")?;
    }
    f.write_str(")")
}

/// What an identity lacks for a requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// Roles of which each is needed.
    pub roles: Vec<&'static str>,
    /// Scopes of which each is needed.
    pub scopes: Vec<&'static str>,
    /// Authentication context classes, each of them needed.
    pub acr: Vec<&'static str>,
    /// Whether another authentication factor is needed.
    pub mfa: bool,
    /// Authentication context classes that would prove it, any of them; none where the issuer tells
    /// factors by `amr`.
    pub mfa_acr: Vec<Box<str>>,
    /// Whether a token that is bound to its sender is needed.
    pub bound: bool,
    /// Whether one that is bound by `DPoP` would do; otherwise by a certificate.
    pub dpop: bool,
    /// The greatest age of the authentication, in seconds.
    pub max_age: Option<u64>,
    /// What the identity has and must not have, in the words of the attribute.
    pub excluded: Option<String>,
    /// The fields of the input that it lacks this for; none where it may not call the function at all.
    pub fields: Vec<&'static str>,
}

impl Missing {
    /// Whether nothing is lacking.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// The classes to ask for in a new log-in: those needed, then those that would prove another
    /// factor (RFC 9470 section 3).
    pub(crate) fn acr_values(&self) -> impl Iterator<Item = &str> {
        let proving = self.mfa_acr.iter().map(|class| &**class);
        let more = proving.filter(|class| !self.acr.contains(class));
        self.acr.iter().copied().chain(more)
    }

    /// Whether logging in again, more strongly, would provide everything but scopes.
    #[must_use]
    pub fn is_stepping_up(&self) -> bool {
        self.roles.is_empty()
            && self.excluded.is_none()
            && (self.mfa || self.max_age.is_some() || !self.acr.is_empty())
    }

    /// Whether a token that is bound to its sender would provide everything but scopes and a stronger
    /// log-in.
    pub(crate) fn is_binding(&self) -> bool {
        self.bound && self.roles.is_empty() && self.excluded.is_none()
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        add_new(&mut self.roles, other.roles);
        add_new(&mut self.scopes, other.scopes);
        add_new(&mut self.acr, other.acr);
        self.mfa |= other.mfa;
        if self.mfa_acr.is_empty() {
            self.mfa_acr = other.mfa_acr;
        }
        self.bound |= other.bound;
        self.dpop |= other.dpop;
        self.max_age = match (self.max_age, other.max_age) {
            (Some(left), Some(right)) => Some(left.min(right)),
            (left, right) => left.or(right),
        };
        self.excluded = self.excluded.or(other.excluded);
        add_new(&mut self.fields, other.fields);
        self
    }

    /// How much is asked of the caller; compared from the hardest to the easiest.
    fn cost(&self) -> (bool, usize, usize, usize) {
        let log_in = self.acr.len()
            + usize::from(self.mfa)
            + usize::from(self.bound)
            + usize::from(self.max_age.is_some());
        (self.excluded.is_some(), self.roles.len(), self.scopes.len(), log_in)
    }
}

fn add_new(names: &mut Vec<&'static str>, more: Vec<&'static str>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

/// What is lacking, in the words of the attribute.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut item = |text: fmt::Arguments<'_>| {
            let written = write!(f, "{separator}{text}");
            separator = ", ";
            written
        };
        for role in &self.roles {
            item(format_args!("role = {role:?}"))?;
        }
        for scope in &self.scopes {
            item(format_args!("scope = {scope:?}"))?;
        }
        for class in &self.acr {
            item(format_args!("acr = {class:?}"))?;
        }
        if self.mfa {
            item(format_args!("mfa"))?;
        }
        if self.bound {
            item(format_args!("bound"))?;
        }
        if let Some(seconds) = self.max_age {
            item(format_args!("max_age = \"{}\"", Age(seconds)))?;
        }
        if let Some(excluded) = &self.excluded {
            item(format_args!("not({excluded})"))?;
        }
        let mut preposition = " to set";
        for field in &self.fields {
            write!(f, "{preposition} `{field}`")?;
            preposition = ",";
        }
        Ok(())
    }
}
