//! The endpoint for the metadata of a protected resource (RFC 9728 section 3).

use std::convert::Infallible;

use axum::body::Body;
use axum::response::Response;
use axum::routing::MethodRouter;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use crate::http::ProtectedResource;

/// A service that tells clients where to get a token, and for which scopes.
///
/// # Examples
///
/// ```
/// use authz_core::axum::{Router, protected_resource};
/// use authz_core::http::ProtectedResource;
/// use authz_core::token::Verifier;
/// use authz_core::Policy;
///
/// fn app<P: Policy>(
///     router: Router<P>,
///     verifier: Verifier<P>,
/// ) -> Result<axum::Router, authz_core::manifest::ManifestError> {
///     let manifest = authz_core::manifest()?;
///     let resource = ProtectedResource::new("https://api.example.com", &verifier, &manifest);
///     let router = router.public_service(
///         &resource.path(),
///         "clients read it to find the authorization server",
///         protected_resource(&resource),
///     );
///     Ok(router.secured_by(verifier))
/// }
/// ```
pub fn protected_resource(resource: &ProtectedResource) -> MethodRouter<(), Infallible> {
    // Plain data, which always serializes.
    let body = serde_json::to_vec(resource).unwrap_or_default();
    axum::routing::get(move || {
        let mut response = Response::new(Body::from(body.clone()));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        std::future::ready(response)
    })
}
