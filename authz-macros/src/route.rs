//! `route = "POST /orders"`: a method and a path of axum, checked as far as the text tells.
//!
//! Absent on purpose: whether it is routed there. That is the router's to see, when it is built.

use syn::parse::ParseStream;
use syn::{Error, Ident, LitStr, Result};

use crate::diag::{did_you_mean, one_of};
use crate::requirement::{parse_equals, parse_string};

const METHODS: &[&str] =
    &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE"];

/// Parses `= "POST /orders"`.
pub(crate) fn parse_route(key: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    parse_equals(key, "\"POST /orders\"", input)?;
    let route = parse_string(key, "a method and a path: `route = \"POST /orders\"`", input)?;
    fault(&route.value()).map_or(Ok(()), |fault| Err(Error::new(route.span(), fault)))?;
    Ok(route)
}

/// What is wrong with a route, if something is.
pub(crate) fn fault(route: &str) -> Option<String> {
    let Some((method, path)) = route.split_once(' ') else {
        return Some(format!(
            "`{route}` is no route; write a method and a path: `route = \"POST /orders\"`"
        ));
    };
    if !METHODS.contains(&method) {
        let capitals = method.to_uppercase();
        let hint = if METHODS.contains(&capitals.as_str()) {
            format!("; did you mean `{capitals}`?")
        } else {
            did_you_mean(&capitals, METHODS)
        };
        let methods = one_of(METHODS);
        return Some(format!("`{method}` is no method of a route; expected {methods}{hint}"));
    }
    if !path.starts_with('/') {
        return Some(format!("the path `{path}` of a route begins with `/`: `{method} /{path}`"));
    }
    let bad = |c: &char| !c.is_ascii_graphic() || matches!(c, '?' | '#' | '"' | '\\');
    if let Some(bad) = path.chars().find(bad) {
        return Some(format!(
            "the path of a route can't contain `{}`; write what axum matches, without a query",
            bad.escape_default()
        ));
    }
    path.split('/').skip(1).find_map(segment_fault)
}

fn segment_fault(segment: &str) -> Option<String> {
    if let Some(name) = segment.strip_prefix([':', '*']) {
        let star = if segment.starts_with('*') { "*" } else { "" };
        return Some(format!(
            "`{segment}` is a capture of older versions of axum; write `{{{star}{name}}}`"
        ));
    }
    let open = segment.matches('{').count();
    let named = segment
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'))
        .is_some_and(|(name, _)| !name.trim_start_matches('*').is_empty());
    if open == segment.matches('}').count() && open <= 1 && (open == 0 || named) {
        return None;
    }
    Some(format!(
        "`{segment}` in the path of a route is no capture; it is one name in braces, such as \
         `/orders/{{id}}`, or at the end `/files/{{*path}}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn routes_of_axum_pass_and_others_do_not() {
        for route in [
            "GET /",
            "POST /orders",
            "DELETE /orders/{id}",
            "GET /orders/{id}/lines/{line}",
            "GET /files/{*path}",
            "GET /a.b-c_d~e/%20/@me",
            "PUT /orders/{id}.json",
        ] {
            assert_eq!(fault(route), None, "{route}");
        }
        for route in [
            "",
            "/orders",
            "GET",
            "GET ",
            "get /orders",
            "GET orders",
            "GET  /orders",
            "GET /orders?all",
            "GET /a b",
            "GET /orders/:id",
            "GET /*rest",
            "GET /{}",
            "GET /{",
            "GET /}",
            "GET /{a}{b}",
            "GET /{*}",
            "GET /ü",
            "POST\t/orders",
        ] {
            assert!(fault(route).is_some(), "{route}");
        }
    }
}
