//! Where a function answers, and the requests that get there.

use std::fmt;

use http::Method;

use crate::manifest::Function;

/// A path that no route has.
#[cfg(any(feature = "actix", feature = "axum"))]
pub(super) const NOWHERE: &str = "authz-nothing-is-here";

/// A function of the manifest, with a method and a path at which it answers.
///
/// # Examples
///
/// ```
/// use authz_core::testing::Endpoint;
///
/// fn place_order(function: authz_core::manifest::Function) -> Endpoint {
///     Endpoint::new(function, http::Method::POST, "/orders/{id}")
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub(super) function: Function,
    method: Method,
    path: String,
    /// Where requests go if not to the path.
    target: Option<(Method, String)>,
    /// What the table calls the place.
    place: Option<String>,
}

impl Endpoint {
    /// A function that answers this method on this path; `{name}` and `{*name}` in it stand for
    /// values.
    #[must_use]
    pub fn new(function: Function, method: Method, path: impl Into<String>) -> Self {
        Self { function, method, path: path.into(), target: None, place: None }
    }

    /// The same, for what is left over at a place of this description; reached by this request.
    #[cfg(any(feature = "actix", feature = "axum"))]
    pub(super) fn left_over(mut self, place: &str, method: Method, path: String) -> Self {
        self.place = Some(format!("{place} {}", self.path));
        self.target = Some((method, path));
        self
    }

    /// The method and path of a request, values in the place of names.
    pub(super) fn target(&self, value: impl Fn(&str) -> String) -> (Method, String) {
        let (method, path) = match &self.target {
            Some((method, path)) => (method, path),
            None => (&self.method, &self.path),
        };
        let mut target = String::new();
        let mut rest = path.as_str();
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            target.push_str(before);
            // Some frameworks have a pattern behind the name.
            let name = name.split(':').next().unwrap_or_default();
            target.push_str(&value(name.trim_start_matches('*')));
            rest = after;
        }
        target.push_str(rest);
        (method.clone(), target)
    }

    /// By path, then by method.
    pub(super) fn order(&self) -> (&str, &str, &str) {
        (&self.path, self.method.as_str(), &self.function.id)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => f.write_str(place),
            None => write!(f, "{} {}", self.method, self.path),
        }
    }
}

/// A method that is not one of those.
#[cfg(any(feature = "actix", feature = "axum"))]
pub(super) fn free_method(taken: &[Method]) -> Method {
    const METHODS: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
    ];
    METHODS.into_iter().find(|method| !taken.contains(method)).unwrap_or(Method::CONNECT)
}

#[cfg(test)]
pub(super) mod tests {
    use http::Method;

    use super::Endpoint;
    use crate::manifest::{Function, Requirement};

    pub(in super::super) fn function(id: &str, requirement: Requirement) -> Function {
        Function {
            id: id.to_owned(),
            policy: "shop::Policy".to_owned(),
            file: "src/lib.rs".to_owned(),
            line: 1,
            kind: "requires".to_owned(),
            requirement,
            reason: None,
            route: None,
            shadow: None,
            doc: None,
            object: None,
        }
    }

    #[test]
    fn values_stand_in_the_place_of_names() {
        let target = |path: &str| {
            let endpoint = Endpoint::new(function("shop::f", Requirement::Mfa), Method::PUT, path);
            endpoint.target(|name| if name == "id" { "7".to_owned() } else { "1".to_owned() })
        };
        assert_eq!(target("/orders"), (Method::PUT, "/orders".to_owned()));
        assert_eq!(target("/{shop}/orders/{id}/x").1, "/1/orders/7/x");
        assert_eq!(target("/files/{*path}").1, "/files/1");
        assert_eq!(target("/orders/{id:[0-9]+}").1, "/orders/7");
        assert_eq!(target("/odd/{open").1, "/odd/{open");
    }
}
