//! The methods of a service, each with its guard, and which of them a path means.
//!
//! A server knows the paths of its methods and does not tell them. What is told here are the names of
//! functions, which a generator has made of those in the `.proto`: `place_order` of `PlaceOrder`. So
//! names are compared without case and underscores, and the attribute refuses two that are the same
//! then.
//!
//! INVARIANT: a path that is found here for another function than the one that the server calls is
//! refused in that function, since the check inside it asks for its own guard.

use std::fmt;

use crate::audit::{self, Log, Place};
use crate::denied::Denied;
use crate::guard::{Guard, Guarded, OpenToAll};
use crate::identity::Identity;
use crate::policy::Policy;
use crate::registry::Function;

/// What the attribute tells of a service.
#[doc(hidden)]
pub struct Methods<P: Policy>(Vec<Method<P>>);

/// One method.
pub(super) struct Method<P: Policy> {
    name: &'static str,
    pub(super) function: &'static Function,
    /// `None` where anybody may call it.
    pub(super) gate: Option<Checks<P>>,
}

/// Says where, if that is to be recorded.
type Placed<'a> = &'a dyn Fn() -> Place;

/// What a gate does about a function that it can't name.
pub(super) struct Checks<P: Policy> {
    pub(super) admit: fn(Identity<P>, Placed<'_>) -> Result<Identity<P>, Denied>,
    /// Notes a denial of somebody who is not known.
    pub(super) unknown: fn(Option<&Log>, &Denied, Placed<'_>),
}

impl<P: Policy> Clone for Checks<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Policy> Copy for Checks<P> {}

impl<P: Policy> Clone for Method<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Policy> Copy for Method<P> {}

impl<P: Policy> Methods<P> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a method that asks for something.
    pub fn guarded<R: Guarded<Policy = P>>(&mut self, name: &'static str) {
        let gate = Checks {
            admit: |identity, place| identity.into_guard_at::<R>(place).map(Guard::into_identity),
            unknown: |log, denied, place| audit::unknown::<R>(log, denied, place),
        };
        self.0.push(Method { name, function: R::FUNCTION, gate: Some(gate) });
    }

    /// Adds a method that anybody may call.
    pub fn public<R: OpenToAll<Policy = P>>(&mut self, name: &'static str) {
        self.0.push(Method { name, function: R::FUNCTION, gate: None });
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Method<P>> {
        self.0.iter()
    }

    /// The method that `name`, the last segment of a path, means.
    pub(super) fn find(&self, name: &str) -> Option<&Method<P>> {
        self.0.iter().find(|method| method.is_called(name))
    }
}

impl<P: Policy> fmt::Debug for Methods<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|method| method.name)).finish()
    }
}

impl<P: Policy> Method<P> {
    /// Whether a path calls it so.
    fn is_called(&self, name: &str) -> bool {
        bare(name).eq(bare(self.name))
    }

    /// Its path, where it declares that it is or by the style of names in `.proto` files; and whether
    /// that is as it declares.
    pub(super) fn path(&self, service: &str) -> (String, bool) {
        let declared = self.function.route();
        match declared.and_then(|route| name_in(route, service)) {
            Some(name) if self.is_called(name) => (format!("/{service}/{name}"), true),
            _ => (format!("/{service}/{}", self.in_camel_case()), declared.is_none()),
        }
    }

    fn in_camel_case(&self) -> String {
        let words = self.name.split('_');
        words.fold(String::new(), |mut text, word| {
            let mut characters = word.chars();
            text.extend(characters.next().map(|first| first.to_ascii_uppercase()));
            text.push_str(characters.as_str());
            text
        })
    }
}

/// The method in `POST /package.Service/Method`, where the service is this one.
fn name_in<'a>(route: &'a str, service: &str) -> Option<&'a str> {
    route.strip_prefix("POST /")?.strip_prefix(service)?.strip_prefix('/')
}

fn bare(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
}
