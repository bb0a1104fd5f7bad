//! The endpoint for logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.8).

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::http::{LOGOUT_LIMIT, LOGOUT_REFUSED, is_form, log_out, logout_token};
use crate::policy::Policy;
use crate::token::BackChannelLogout;

/// A service to which issuers post their logout tokens.
///
/// It answers 200 to a logout that is in force, 400 to one that is not to be trusted, and 503 where
/// that, or the revocation, could not be found out or written.
///
/// All workers have to share one [`BackChannelLogout`], which remembers the tokens that it was given:
/// make it once, and hand each worker a clone of the [`Arc`].
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use authz_core::Policy;
/// use authz_core::actix::{App, back_channel_logout};
/// use authz_core::token::BackChannelLogout;
///
/// /// In the closure that makes the app of a worker.
/// fn with_logout<P: Policy>(app: App<P>, logout: &Arc<BackChannelLogout<P>>) -> App<P> {
///     app.public_service(
///         "the issuer proves itself by the signature of the logout token",
///         back_channel_logout("/back-channel-logout", Arc::clone(logout)),
///     )
/// }
/// ```
pub fn back_channel_logout<P: Policy>(
    path: &str,
    logout: Arc<BackChannelLogout<P>>,
) -> actix_web::Resource {
    let receive = move |request: HttpRequest, payload: Payload| {
        let logout = Arc::clone(&logout);
        async move { answer(log_out(&logout, token_in(&request, payload).await).await) }
    };
    web::resource(path).route(web::post().to(receive))
}

async fn token_in(request: &HttpRequest, payload: Payload) -> Option<String> {
    if !is_form(request.headers().get(CONTENT_TYPE)?.as_bytes()) {
        return None;
    }
    // By our own limit, whatever the app allows its forms.
    let form = payload.to_bytes_limited(LOGOUT_LIMIT).await.ok()?.ok()?;
    logout_token(&form)
}

/// Never cached.
fn answer(status: http::StatusCode) -> HttpResponse {
    // Of the same registry; what is in one version of `http` is in the other.
    let status = StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    if status == StatusCode::BAD_REQUEST {
        return response.content_type("application/json").body(LOGOUT_REFUSED);
    }
    response.finish()
}
