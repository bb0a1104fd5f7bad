//! Where a decision was made: method, template of the route, trace.
//!
//! INVARIANT: nothing of the path, the query or the body of a request, which may have secrets and
//! people in them.

use http::{HeaderMap, Method};

use super::trace::Trace;

/// Where a decision was made, as far as that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(super) method: Option<Method>,
    /// The template: `/orders/{id}`.
    pub(super) route: Option<Box<str>>,
    pub(super) trace: Option<Trace>,
}

impl Place {
    /// Outside of a request.
    pub(crate) fn nowhere() -> Self {
        Self::default()
    }

    /// In a request that was routed by this template.
    #[cfg_attr(
        not(any(feature = "axum", feature = "tonic", feature = "tower")),
        expect(dead_code, reason = "for the frameworks behind features")
    )]
    pub(crate) fn new(method: &Method, route: Option<&str>, headers: &HeaderMap) -> Self {
        Self {
            method: Some(method.clone()),
            route: route.map(Box::from),
            trace: Trace::of(headers),
        }
    }

    /// As [`new`](Self::new), of a request in the types of another version of the crate `http`.
    #[cfg(feature = "actix")]
    pub(crate) fn of_parts(
        method: &str,
        route: Option<String>,
        traceparent: Option<&[u8]>,
    ) -> Self {
        Self {
            method: Method::from_bytes(method.as_bytes()).ok(),
            route: route.map(String::into_boxed_str),
            trace: traceparent.and_then(Trace::of_bytes),
        }
    }
}
