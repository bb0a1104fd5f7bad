//! The record of one route, for listings and tests. Nothing is enforced from it.

use std::fmt;

use axum::routing::MethodFilter;

use crate::endpoint::Endpoint;
use crate::registry::Function;

/// One route: methods, path, and the function or service behind it.
///
/// `Display` gives one line, such as `GET /orders shop::list_orders`.
#[derive(Clone, Debug)]
pub struct Route {
    methods: Methods,
    path: String,
    endpoint: Endpoint,
    place: Place,
}

/// The methods of a route.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Methods {
    /// These. With `GET`, axum answers `HEAD` too unless that has a route of its own.
    Only(MethodFilter),
    /// All that have no route of their own.
    Others,
}

/// Where requests come from to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Route,
    Fallback,
    MethodNotAllowed,
}

impl Route {
    /// A route of a method router, which does not know its path yet.
    pub(super) fn of(methods: Methods, function: &'static Function) -> Self {
        Self {
            methods,
            path: String::new(),
            endpoint: Endpoint::Function(function),
            place: Place::Route,
        }
    }

    pub(super) fn fallback(function: &'static Function) -> Self {
        Self {
            path: String::from("/"),
            place: Place::Fallback,
            ..Self::of(Methods::Others, function)
        }
    }

    pub(super) fn method_not_allowed(function: &'static Function) -> Self {
        Self { place: Place::MethodNotAllowed, ..Self::fallback(function) }
    }

    pub(super) fn service(path: String, reason: &'static str) -> Self {
        Self {
            methods: Methods::Others,
            path,
            endpoint: Endpoint::Service { reason },
            place: Place::Route,
        }
    }

    pub(super) fn fallback_service(reason: &'static str) -> Self {
        Self { place: Place::Fallback, ..Self::service(String::from("/"), reason) }
    }

    pub(super) fn at(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Joins as axum does when it nests.
    pub(super) fn nested_at(self, prefix: &str) -> Self {
        let path = if prefix.ends_with('/') {
            format!("{prefix}{}", self.path.trim_start_matches('/'))
        } else if self.path == "/" {
            prefix.to_owned()
        } else {
            format!("{prefix}{}", self.path)
        };
        Self { path, ..self }
    }

    /// Whether it is where its handler says that it is, if the handler says so.
    pub(super) fn is_as_declared(&self) -> bool {
        let Some(declared) = self.function().and_then(Function::route) else {
            return true;
        };
        let at = parse(declared);
        self.place == Place::Route
            && at.is_some_and(|(filter, path)| {
                self.methods == Methods::Only(filter) && self.path == path
            })
    }

    /// The id of its function, with method and path.
    #[cfg(feature = "testing")]
    pub(super) fn listed(&self) -> Option<(&'static str, String)> {
        let function = self.function()?;
        Some((function.id(), format!("{} {}", self.methods, self.path)))
    }

    /// Whether it answers this method on this path before others do.
    pub(super) fn answers(&self, method: MethodFilter, path: &str) -> bool {
        let has = |filter: MethodFilter| filter.or(method) == filter;
        let answers = matches!(self.methods, Methods::Only(filter) if has(filter));
        answers && self.path == path && self.place == Place::Route
    }

    /// The methods.
    #[must_use]
    pub fn methods(&self) -> Methods {
        self.methods
    }

    /// The path with its captures, as axum matches it; of a fallback, the path under which it is
    /// the fallback.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The record of the handler; `None` for a service.
    #[must_use]
    pub fn function(&self) -> Option<&'static Function> {
        self.endpoint.function()
    }

    /// Why this route is open: the reason of a service, or of a handler that has one.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        self.endpoint.reason()
    }

    /// Whether it answers what no other route under its path does.
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.place != Place::Route
    }

    /// Whether it goes away when the fallback of the router is reset: those of nested routers stay,
    /// as they do in axum.
    pub(super) fn is_router_fallback(&self) -> bool {
        self.place == Place::Fallback && self.path == "/"
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.methods, self.path)?;
        match self.place {
            Place::Route => {}
            Place::Fallback => f.write_str("(fallback) ")?,
            Place::MethodNotAllowed => f.write_str("(method not allowed) ")?,
        }
        write!(f, "{}", self.endpoint)
    }
}

/// `GET`, `GET,POST`, or `*` for all others.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Only(filter) = *self else {
            return f.write_str("*");
        };
        let mut separator = "";
        for (method, name) in NAMES {
            if filter.or(method) == filter {
                write!(f, "{separator}{name}")?;
                separator = ",";
            }
        }
        Ok(())
    }
}

/// The method and the path of a declared route.
pub(super) fn parse(declared: &str) -> Option<(MethodFilter, &str)> {
    let (method, path) = declared.split_once(' ')?;
    let (filter, _) = NAMES.iter().find(|(_, name)| *name == method)?;
    Some((*filter, path))
}

const NAMES: [(MethodFilter, &str); 9] = [
    (MethodFilter::CONNECT, "CONNECT"),
    (MethodFilter::DELETE, "DELETE"),
    (MethodFilter::GET, "GET"),
    (MethodFilter::HEAD, "HEAD"),
    (MethodFilter::OPTIONS, "OPTIONS"),
    (MethodFilter::PATCH, "PATCH"),
    (MethodFilter::POST, "POST"),
    (MethodFilter::PUT, "PUT"),
    (MethodFilter::TRACE, "TRACE"),
];
