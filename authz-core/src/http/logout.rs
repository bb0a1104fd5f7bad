//! A request with a logout token, read and judged for every web framework (OpenID Connect
//! Back-Channel Logout 1.0 sections 2.5 and 2.8).

use http::StatusCode;

use crate::policy::Policy;
use crate::token::BackChannelLogout;

/// The most bytes of a request: a token and its name.
pub(crate) const LOGOUT_LIMIT: usize = 64 * 1024;

/// What a refused request is told. The reason stays in the log.
pub(crate) const LOGOUT_REFUSED: &str = r#"{"error":"invalid_request"}"#;

/// Whether a body is what an issuer sends, by its `Content-Type`.
pub(crate) fn is_form(content_type: &[u8]) -> bool {
    let kind = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// The one `logout_token` of a form.
pub(crate) fn logout_token(form: &[u8]) -> Option<String> {
    let mut tokens = form_urlencoded::parse(form).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Some(token.into_owned()),
        _ => None,
    }
}

/// Logs out whom the token names: 200 where that is in force, 400 where the token is not to be
/// trusted or there is none, 503 where that could not be found out or written.
pub(crate) async fn log_out<P: Policy>(
    logout: &BackChannelLogout<P>,
    token: Option<String>,
) -> StatusCode {
    let Some(token) = token else {
        tracing::warn!(target: "authz::logout", "a request without a logout token");
        return StatusCode::BAD_REQUEST;
    };
    match logout.receive(&token).await {
        Ok(()) => {
            tracing::info!(target: "authz::logout", "logout in force");
            StatusCode::OK
        }
        Err(error) if error.is_unavailable() => {
            tracing::error!(target: "authz::logout", %error, "logout not in force");
            StatusCode::SERVICE_UNAVAILABLE
        }
        Err(error) => {
            tracing::warn!(target: "authz::logout", %error, "logout refused");
            StatusCode::BAD_REQUEST
        }
    }
}
