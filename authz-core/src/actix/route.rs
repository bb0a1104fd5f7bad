//! The record of one route, for listings and tests. Nothing is enforced from it.

use std::fmt;

use actix_web::http::Method;

use crate::endpoint::Endpoint;
use crate::registry::Function;

/// One route: methods, path, and the function or service behind it.
///
/// `Display` gives one line, such as `GET /orders shop::list_orders`.
#[derive(Clone, Debug)]
pub struct Record {
    methods: Vec<Method>,
    path: String,
    endpoint: Endpoint,
    is_fallback: bool,
}

impl Record {
    /// Of a route, which does not know its path yet.
    pub(super) fn of(methods: Vec<Method>, function: &'static Function) -> Self {
        let endpoint = Endpoint::Function(function);
        Self { methods, path: String::new(), endpoint, is_fallback: false }
    }

    pub(super) fn service(reason: &'static str) -> Self {
        let endpoint = Endpoint::Service { reason };
        Self { methods: Vec::new(), path: String::new(), endpoint, is_fallback: false }
    }

    pub(super) fn at(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    pub(super) fn into_fallback(self) -> Self {
        Self { is_fallback: true, ..self }
    }

    /// Joins as actix does when it puts a resource into a scope.
    pub(super) fn within(self, prefix: &str) -> Self {
        let path = format!("{}{}", prefix.trim_end_matches('/'), self.path);
        Self { path, ..self }
    }

    /// Whether it is where its handler says that it is, if the handler says so.
    pub(super) fn is_as_declared(&self) -> bool {
        let Some(declared) = self.function().and_then(Function::route) else {
            return true;
        };
        !self.is_fallback
            && parse(declared).is_some_and(|(method, path)| {
                self.methods == [method] && self.path == pattern(path)
            })
    }

    /// Whether it answers before this one does where this one declares to be.
    pub(super) fn answers_for(&self, other: &Self) -> bool {
        let has = |method| self.methods.is_empty() || self.methods.contains(method);
        !self.is_fallback && self.path == other.path && other.methods.iter().any(has)
    }

    /// The id of its function, with method and path; a declared place in the words of the
    /// declaration.
    #[cfg(feature = "testing")]
    pub(super) fn listed(&self) -> Option<(&'static str, String)> {
        let function = self.function()?;
        let place = match function.route() {
            Some(declared) if self.is_as_declared() => declared.to_owned(),
            _ => format!("{} {}", Methods(&self.methods), self.path),
        };
        Some((function.id(), place))
    }

    /// The methods; empty where it answers all of them.
    #[must_use]
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// The path with its captures, as actix matches it; empty for a service, which knows its own.
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

    /// Whether it answers what no other route does.
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.is_fallback
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "*" } else { &self.path };
        write!(f, "{} {path} ", Methods(&self.methods))?;
        if self.is_fallback {
            f.write_str("(fallback) ")?;
        }
        write!(f, "{}", self.endpoint)
    }
}

/// `GET`, `GET,POST`, or `*` for all.
struct Methods<'a>(&'a [Method]);

impl fmt::Display for Methods<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("*");
        }
        let mut separator = "";
        for method in self.0 {
            write!(f, "{separator}{method}")?;
            separator = ",";
        }
        Ok(())
    }
}

/// The method and the path of a declared route.
pub(super) fn parse(declared: &str) -> Option<(Method, &str)> {
    let (method, path) = declared.split_once(' ')?;
    Some((Method::from_bytes(method.as_bytes()).ok()?, path))
}

/// A declared path in actix's words: `{*rest}`, which takes whatever comes, is `{rest:.+}`.
pub(super) fn pattern(declared: &str) -> String {
    let Some((before, rest)) = declared.split_once("{*") else {
        return declared.to_owned();
    };
    match rest.split_once('}') {
        Some((name, after)) => format!("{before}{{{name}:.+}}{after}"),
        None => declared.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_path_is_written_as_actix_has_it() {
        for (declared, expected) in [
            ("/orders", "/orders"),
            ("/orders/{id}", "/orders/{id}"),
            ("/files/{*path}", "/files/{path:.+}"),
        ] {
            assert_eq!(pattern(declared), expected);
        }
    }
}
