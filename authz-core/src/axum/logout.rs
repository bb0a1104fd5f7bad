//! The endpoint for logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.8).

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::MethodRouter;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use crate::http::{LOGOUT_LIMIT, LOGOUT_REFUSED, is_form, log_out, logout_token};
use crate::policy::Policy;
use crate::token::BackChannelLogout;

/// A service to which issuers post their logout tokens.
///
/// It answers 200 to a logout that is in force, 400 to one that is not to be trusted, and 503 where
/// that, or the revocation, could not be found out or written.
///
/// # Examples
///
/// ```
/// use authz_core::axum::{Router, back_channel_logout};
/// use authz_core::token::{BackChannelLogout, ConfigError, Verifier};
/// use authz_core::Policy;
///
/// fn app<P: Policy>(router: Router<P>, verifier: Verifier<P>) -> Result<axum::Router, ConfigError> {
///     let logout = BackChannelLogout::new(&verifier, "orders-web")?;
///     let router = router.public_service(
///         "/back-channel-logout",
///         "the issuer proves itself by the signature of the logout token",
///         back_channel_logout(logout),
///     );
///     Ok(router.secured_by(verifier))
/// }
/// ```
pub fn back_channel_logout<P: Policy>(
    logout: BackChannelLogout<P>,
) -> MethodRouter<(), Infallible> {
    axum::routing::post(receive::<P>).with_state(Arc::new(logout))
}

async fn receive<P: Policy>(
    State(logout): State<Arc<BackChannelLogout<P>>>,
    request: Request,
) -> Response {
    answer(log_out(&logout, token_in(request).await).await)
}

async fn token_in(request: Request) -> Option<String> {
    let (parts, body) = request.into_parts();
    if !is_form(parts.headers.get(CONTENT_TYPE)?.as_bytes()) {
        return None;
    }
    logout_token(&to_bytes(body, LOGOUT_LIMIT).await.ok()?)
}

/// Never cached.
fn answer(status: StatusCode) -> Response {
    let body =
        if status == StatusCode::BAD_REQUEST { Body::from(LOGOUT_REFUSED) } else { Body::empty() };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::BAD_REQUEST {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}
