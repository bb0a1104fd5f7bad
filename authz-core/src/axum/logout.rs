//! The endpoint for logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.8).

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::MethodRouter;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use crate::policy::Policy;
use crate::token::BackChannelLogout;

/// The most bytes of a request: a token and its name.
const BODY_LIMIT: usize = 64 * 1024;

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
    let Some(token) = logout_token(request).await else {
        tracing::warn!(target: "authz::logout", "a request without a logout token");
        return answer(StatusCode::BAD_REQUEST);
    };
    match logout.receive(&token).await {
        Ok(()) => {
            tracing::info!(target: "authz::logout", "logout in force");
            answer(StatusCode::OK)
        }
        Err(error) if error.is_unavailable() => {
            tracing::error!(target: "authz::logout", %error, "logout not in force");
            answer(StatusCode::SERVICE_UNAVAILABLE)
        }
        Err(error) => {
            tracing::warn!(target: "authz::logout", %error, "logout refused");
            answer(StatusCode::BAD_REQUEST)
        }
    }
}

/// The one `logout_token` of a form (section 2.5).
async fn logout_token(request: Request) -> Option<String> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(FORM) {
        return None;
    }
    let body = to_bytes(body, BODY_LIMIT).await.ok()?;
    let mut tokens = form_urlencoded::parse(&body).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Some(token.into_owned()),
        _ => None,
    }
}

/// Never cached; the reason stays in the log.
fn answer(status: StatusCode) -> Response {
    let body = if status == StatusCode::BAD_REQUEST {
        Body::from(r#"{"error":"invalid_request"}"#)
    } else {
        Body::empty()
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::BAD_REQUEST {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}
