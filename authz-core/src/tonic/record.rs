//! The record of one method, for listings and tests. Nothing is enforced from it.

use std::fmt;

use super::methods::Method;
use crate::endpoint::Endpoint;
use crate::policy::Policy;
use crate::registry::Function;

/// One method of a service: its path, and the function behind it; or a whole service that is public.
///
/// `Display` gives one line, such as `/shop.v1.Orders/PlaceOrder shop::Desk::Orders::place_order`.
#[derive(Clone, Debug)]
pub struct Record {
    path: String,
    endpoint: Endpoint,
    is_as_declared: bool,
}

impl Record {
    pub(super) fn of<P: Policy>(service: &str, method: &Method<P>) -> Self {
        let (path, is_as_declared) = method.path(service);
        Self { path, endpoint: Endpoint::Function(method.function), is_as_declared }
    }

    pub(super) fn service(service: &str, reason: &'static str) -> Self {
        let endpoint = Endpoint::Service { reason };
        Self { path: format!("/{service}/*"), endpoint, is_as_declared: true }
    }

    /// Whether it is where its method says that it is, if the method says so.
    pub(super) fn is_as_declared(&self) -> bool {
        self.is_as_declared
    }

    /// The id of its function, with the path in the words of a declaration.
    #[cfg(feature = "testing")]
    pub(super) fn listed(&self) -> Option<(&'static str, String)> {
        Some((self.function()?.id(), format!("POST {}", self.path)))
    }

    /// The path of its requests; `/package.Service/*` for a whole service.
    ///
    /// A server does not tell the names of its methods. Where the `.proto` calls one otherwise than in
    /// camel case, `route = "POST /package.Service/Method"` on the method tells.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The record of the method; `None` for a whole service.
    #[must_use]
    pub fn function(&self) -> Option<&'static Function> {
        self.endpoint.function()
    }

    /// Why it is open: the reason of a service, or of a method that has one.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        self.endpoint.reason()
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.endpoint)
    }
}
