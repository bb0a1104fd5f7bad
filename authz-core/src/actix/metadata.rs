//! The endpoint for the metadata of a protected resource (RFC 9728 section 3).

use std::future::ready;

use actix_web::{HttpResponse, web};

use crate::http::ProtectedResource;

/// A service that tells clients where to get a token, and for which scopes.
///
/// It is at the path that the metadata has by RFC 9728 section 3.1.
///
/// # Examples
///
/// ```
/// use authz_core::Policy;
/// use authz_core::actix::{App, protected_resource};
/// use authz_core::http::ProtectedResource;
///
/// /// In the closure that makes the app of a worker.
/// fn with_metadata<P: Policy>(app: App<P>, resource: &ProtectedResource) -> App<P> {
///     app.public_service(
///         "clients read it to find the authorization server",
///         protected_resource(resource),
///     )
/// }
/// ```
#[must_use]
pub fn protected_resource(resource: &ProtectedResource) -> actix_web::Resource {
    // Plain data, which always serializes.
    let body = serde_json::to_string(resource).unwrap_or_default();
    let serve =
        move || ready(HttpResponse::Ok().content_type("application/json").body(body.clone()));
    web::resource(resource.path()).route(web::get().to(serve))
}
