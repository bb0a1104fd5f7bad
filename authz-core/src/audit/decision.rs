//! One decision on its way to a log.
//!
//! INVARIANT: making one is cheap, since a request waits for it: what an identity says is shared, not
//! copied, and becomes text where the log is written.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::log::Shared;
use super::place::Place;
use super::record::{
    FORMAT, HIDDEN, Held, HiddenObjects, Lacking, Record, Shadowed, Who, bounded, digest, timestamp,
};
use crate::clock::Clock;
use crate::denied::Denied;
use crate::identity::{Binding, Identity, Text, Verified};
use crate::manifest;
use crate::policy::Policy;
use crate::registry::Function;
use crate::requirement::{Missing, Named};
use crate::token::ScopeSource;
use crate::vocabulary::{Bits, Vocabulary};

/// A decision about a function, as a [`Sink`](super::Sink) gets it.
///
/// Cloning is cheap, and so is dropping. [`record`](Self::record) writes all of it down.
#[derive(Clone)]
pub struct Decision {
    /// Since 1970.
    at: Duration,
    function: &'static Function,
    facts: Option<Arc<dyn Facts>>,
    /// How long ago the log-in was, in seconds.
    age: Option<u64>,
    answer: Answer,
    place: Place,
    one_in: u32,
}

/// What was decided.
#[derive(Clone)]
enum Answer {
    Granted,
    /// A grant that a stricter rule would not have made.
    Shadowed(Arc<(&'static Named, Missing)>),
    Denied(Denied),
    /// So many objects of a resource, which are of somebody else than the identity.
    Hidden {
        resource: &'static str,
        count: usize,
    },
}

impl Decision {
    #[inline]
    pub(super) fn granted<P: Policy>(
        function: &'static Function,
        identity: &Identity<P>,
        place: Place,
        one_in: u32,
    ) -> Self {
        let at = identity.clock().precisely();
        let (facts, age) = (Some(identity.facts()), identity.age(at.as_secs()));
        Self { at, function, facts, age, answer: Answer::Granted, place, one_in }
    }

    /// The grant as one that a stricter rule would not have made.
    pub(super) fn in_shadow(self, shadow: (&'static Named, Missing)) -> Self {
        Self { answer: Answer::Shadowed(Arc::new(shadow)), ..self }
    }

    /// Objects that the function found, and that are not the identity's.
    pub(super) fn hidden<P: Policy>(
        function: &'static Function,
        identity: &Identity<P>,
        (resource, count): (&'static str, usize),
        place: Place,
    ) -> Self {
        let answer = Answer::Hidden { resource, count };
        Self { answer, ..Self::granted(function, identity, place, 1) }
    }

    pub(super) fn denied<P: Policy>(
        function: &'static Function,
        identity: Option<&Identity<P>>,
        denied: &Denied,
        place: Place,
    ) -> Self {
        let at = identity.map_or(&Clock::System, Identity::clock).precisely();
        let age = identity.and_then(|identity| identity.age(at.as_secs()));
        let (facts, answer) = (identity.map(Identity::facts), Answer::Denied(denied.clone()));
        Self { at, function, facts, age, answer, place, one_in: 1 }
    }

    /// When it was made.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        UNIX_EPOCH.checked_add(self.at).unwrap_or(UNIX_EPOCH)
    }

    /// Whether it is a grant: the call of the function was let through.
    #[must_use]
    pub fn is_granted(&self) -> bool {
        matches!(self.answer, Answer::Granted | Answer::Shadowed(_))
    }

    /// `granted`, the outcome of the denial in one word, or `hidden`: the function that was called
    /// found objects that are not the identity's.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match &self.answer {
            Answer::Granted | Answer::Shadowed(_) => "granted",
            Answer::Denied(denied) => denied.outcome(),
            Answer::Hidden { .. } => HIDDEN,
        }
    }

    /// The function that it is about.
    #[must_use]
    pub fn function(&self) -> &'static Function {
        self.function
    }

    /// The issuer of the identity, if there was one.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.facts.as_ref().map(|facts| facts.issuer())
    }

    /// The subject of the identity, if there was one.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.facts.as_ref().map(|facts| facts.subject())
    }

    /// The client of the identity, if there was one.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.facts.as_ref().and_then(|facts| facts.client())
    }

    /// What the identity lacked, if that was the reason of a denial.
    #[must_use]
    pub fn missing(&self) -> Option<&Missing> {
        self.denial().and_then(Denied::missing)
    }

    fn denial(&self) -> Option<&Denied> {
        match &self.answer {
            Answer::Denied(denied) => Some(denied),
            Answer::Granted | Answer::Shadowed(_) | Answer::Hidden { .. } => None,
        }
    }

    /// All of it, as text that is safe to write into a log: control characters are replaced, and
    /// what comes from tokens and requests is cut where it is long.
    #[must_use]
    pub fn record(&self) -> Record {
        let (method, route) = self.method_and_route();
        let trace = self.place.trace;
        let requirement = manifest::Requirement::from(self.function.requirement());
        Record {
            format: FORMAT,
            at: timestamp(self.at),
            outcome: self.outcome().to_owned(),
            function: self.function.id().to_owned(),
            kind: self.function.kind().word().to_owned(),
            policy: self.function.policy().id().to_owned(),
            requirement: requirement.fingerprint(),
            method,
            route,
            trace: trace.map(|trace| trace.id()),
            span: trace.map(|trace| trace.span()),
            who: self.facts.as_ref().map(|facts| facts.who()),
            held: self.facts.as_ref().map(|facts| facts.held(self.age)),
            missing: self.missing().map(Lacking::from),
            detail: self.denial().map(|denied| bounded(&denied.detail().to_string())),
            shadow: match &self.answer {
                Answer::Shadowed(shadow) => Some(Shadowed {
                    rule: shadow.0.name().to_owned(),
                    missing: Lacking::from(&shadow.1),
                }),
                _ => None,
            },
            hidden: match self.answer {
                Answer::Hidden { resource, count } => {
                    Some(HiddenObjects { resource: resource.to_owned(), count })
                }
                _ => None,
            },
            one_in: self.one_in,
        }
    }

    /// The record as one line of JSON, without the line feed.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A record has texts for keys, so nothing fails.
        serde_json::to_string(&self.record()).unwrap_or_default()
    }

    /// As the request has it; otherwise as the function declares it.
    fn method_and_route(&self) -> (Option<String>, Option<String>) {
        let declared = self.function.route().and_then(|route| route.split_once(' '));
        let method = self.place.method.as_ref().map(|method| bounded(method.as_str()));
        let route = self.place.route.as_deref().map(bounded);
        (
            method.or_else(|| declared.map(|(method, _)| method.to_owned())),
            route.or_else(|| declared.map(|(_, path)| path.to_owned())),
        )
    }
}

/// Names function and outcome; who it was about may be private.
impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("function", &self.function.id())
            .field("outcome", &self.outcome())
            .finish_non_exhaustive()
    }
}

/// Where an identity comes from, and where decisions about it go.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    by: By,
    /// Set once, by the first verifier with a log that gives the identity out.
    log: OnceLock<Arc<Shared>>,
}

/// What vouches for an identity.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    /// An access token whose signature was verified.
    AccessToken,
    /// The issuer's answer about an opaque token.
    #[cfg(feature = "remote")]
    Introspection,
    /// An authenticator.
    Authenticator,
    /// A test.
    #[cfg(any(test, feature = "testing"))]
    Test,
}

impl By {
    const fn word(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            #[cfg(feature = "remote")]
            Self::Introspection => "introspection",
            Self::Authenticator => "authenticator",
            #[cfg(any(test, feature = "testing"))]
            Self::Test => "test",
        }
    }
}

impl Origin {
    pub(crate) fn new(by: By) -> Self {
        Self { by, log: OnceLock::new() }
    }

    /// The same origin, of an identity that goes to another log.
    pub(crate) fn with(&self, log: &Arc<Shared>) -> Self {
        Self { by: self.by, log: OnceLock::from(Arc::clone(log)) }
    }

    #[inline]
    pub(crate) fn log(&self) -> Option<&Arc<Shared>> {
        self.log.get()
    }

    /// Whether decisions go to `log`, now if they went nowhere before.
    pub(crate) fn goes_to(&self, log: &Arc<Shared>) -> bool {
        Arc::ptr_eq(self.log.get_or_init(|| Arc::clone(log)), log)
    }
}

/// What a log wants to know of an identity, under whatever policy.
pub(crate) trait Facts: Send + Sync {
    fn issuer(&self) -> &str;
    fn subject(&self) -> &str;
    fn client(&self) -> Option<&str>;
    fn who(&self) -> Who;
    fn held(&self, age: Option<u64>) -> Held;
}

impl<P: Policy> Facts for Verified<P> {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn subject(&self) -> &str {
        self.subject.of(&self.claims)
    }

    fn client(&self) -> Option<&str> {
        self.client.as_ref().map(|client| client.of(&self.claims))
    }

    fn who(&self) -> Who {
        let token_id = self.token_id.as_ref().map(|id| id.of(&self.claims));
        Who {
            issuer: bounded(&self.issuer),
            subject: bounded(self.subject()),
            tenant: self.tenant.as_ref().map(|tenant| bounded(tenant.of(&self.claims))),
            client: self.client().map(bounded),
            by: self.origin.by.word().to_owned(),
            credential: token_id.map(|id| format!("{:032x}", digest(id))),
        }
    }

    fn held(&self, age: Option<u64>) -> Held {
        let text = |text: &Text| bounded(text.of(&self.claims));
        Held {
            roles: names::<P::Role>(&self.roles.named),
            scopes: names::<P::Scope>(&self.scopes.named),
            scopes_of_roles: self.scopes_from == ScopeSource::RoleGrants,
            mfa: self.mfa,
            bound: !matches!(self.binding, Binding::None),
            acr: self.acr.as_ref().map(text),
            amr: self.amr.iter().map(text).collect(),
            auth_age: age,
        }
    }
}

fn names<V: Vocabulary>(held: &V::Bits) -> Vec<String> {
    let name = |index: usize| V::TABLE.names.get(index).map(|name| (*name).to_owned());
    held.indices().filter_map(name).collect()
}
