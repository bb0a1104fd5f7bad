//! A denial as a response of actix.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};

use crate::denied::Denied;
use crate::http::PROBLEM_JSON;

/// The status, the challenge (RFC 6750, RFC 9449, RFC 9470) and the problem (RFC 9457), not to be
/// cached.
///
/// The denial itself goes into the extensions of the response, where a middleware finds it.
///
/// # Examples
///
/// An error type of the application hands the denial on:
///
/// ```
/// use std::fmt;
///
/// use actix_web::http::StatusCode;
/// use actix_web::{HttpResponse, ResponseError};
/// use authz_core::Denied;
///
/// #[derive(Debug)]
/// enum ShopError {
///     Denied(Denied),
///     OutOfStock,
/// }
///
/// impl From<Denied> for ShopError {
///     fn from(denied: Denied) -> Self {
///         Self::Denied(denied)
///     }
/// }
///
/// impl fmt::Display for ShopError {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         match self {
///             Self::Denied(denied) => denied.fmt(f),
///             Self::OutOfStock => f.write_str("out of stock"),
///         }
///     }
/// }
///
/// impl ResponseError for ShopError {
///     fn error_response(&self) -> HttpResponse {
///         match self {
///             Self::Denied(denied) => denied.error_response(),
///             Self::OutOfStock => HttpResponse::new(StatusCode::CONFLICT),
///         }
///     }
/// }
/// ```
impl ResponseError for Denied {
    fn status_code(&self) -> StatusCode {
        // Of the same registry; what is in one version of `http` is in the other.
        let status = self.status().as_u16();
        StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response =
            HttpResponse::new(self.status_code()).set_body(self.body()).map_into_boxed_body();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        for (name, value) in fields(self) {
            headers.insert(name, value);
        }
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// The header fields of an answer, whoever writes its body.
pub(super) fn fields(denied: &Denied) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    // INVARIANT: visible ASCII, which both versions of `http` take.
    denied.fields().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    })
}
