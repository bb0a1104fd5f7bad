//! The matrix of a guarded router: its routes as endpoints, and requests without a socket.

use http::{Method, Request};
use tower::Service as _;

use super::endpoint::{NOWHERE, free_method};
use super::{DenialMatrix, Endpoint, Payload};
use crate::axum::{Methods, Route, Router};
use crate::manifest::Function;
use crate::policy::Policy;

/// The matrix of a router before it has a verifier: it gets that of a test issuer.
impl<P: Policy> From<Router<P>> for DenialMatrix<P> {
    fn from(router: Router<P>) -> Self {
        let all = router.routes();
        let endpoints = all.iter().flat_map(|route| endpoints(route, all)).collect();
        let services = all.iter().filter(|route| route.function().is_none());
        let mut services: Vec<_> = services.map(ToString::to_string).collect();
        services.sort();
        let secure = |verifier| {
            let app = router.secured_by(verifier);
            move |request: Request<Payload>| {
                let mut app = app.clone();
                async move {
                    match app.call(request).await {
                        Ok(response) => response,
                        Err(never) => match never {},
                    }
                }
            }
        };
        Self { services, ..Self::of(endpoints, secure) }
    }
}

/// One for each method.
fn endpoints(route: &Route, routes: &[Route]) -> Vec<Endpoint> {
    let Some(function) = route.function() else { return Vec::new() };
    let of = |method| Endpoint::new(Function::from(function), method, route.path());
    if route.is_fallback() {
        let place = match route.to_string() {
            text if text.contains("(method not allowed)") => "(method not allowed)",
            _ => "(fallback)",
        };
        let target = left_over(route, routes, place);
        return vec![of(Method::GET).left_over(place, target.0, target.1)];
    }
    match route.methods() {
        Methods::Only(_) => methods(route).map(of).collect(),
        Methods::Others => {
            let free = free_at(route.path(), routes);
            vec![of(free.clone()).left_over("*", free, route.path().to_owned())]
        }
    }
}

/// A request that no route answers before what is left over at a place does.
fn left_over(route: &Route, routes: &[Route], place: &str) -> (Method, String) {
    let beside = routes.iter().filter(|other| other.path().starts_with(route.path()));
    let mut occupied = beside.filter(|other| matches!(other.methods(), Methods::Only(_)));
    match occupied.next() {
        Some(other) if place == "(method not allowed)" => {
            let method = free_at(other.path(), routes);
            (method, other.path().to_owned())
        }
        _ => (Method::GET, format!("{}/{NOWHERE}", route.path().trim_end_matches('/'))),
    }
}

/// A method that no route of this path names.
fn free_at(path: &str, routes: &[Route]) -> Method {
    let beside = routes.iter().filter(|route| route.path() == path);
    free_method(&beside.flat_map(methods).collect::<Vec<_>>())
}

fn methods(route: &Route) -> impl Iterator<Item = Method> {
    let text = match route.methods() {
        Methods::Only(_) => route.methods().to_string(),
        Methods::Others => String::new(),
    };
    let methods: Vec<_> =
        text.split(',').filter_map(|name| Method::from_bytes(name.as_bytes()).ok()).collect();
    methods.into_iter()
}
