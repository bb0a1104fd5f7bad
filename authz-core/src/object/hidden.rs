//! The answer about an object that is not there, or is not the caller's: the same.
//!
//! INVARIANT: a `Hidden` holds nothing, so that no answer can tell one from the other.

use std::fmt;

use http::{HeaderValue, Response, StatusCode};

use crate::http::{PROBLEM_JSON, Problem};

/// There is no such object, as far as the caller can tell.
///
/// What [`Sealed::open`](super::Sealed::open) gives for an object of somebody else, and for one that is
/// absent. With the features `axum` and `actix` it is a response, 404 with a problem body, and with
/// `tonic` a status, `NOT_FOUND`; an error type of the application takes it in through `From<Hidden>`, at
/// best as what it answers for an absent object.
///
/// # Examples
///
/// ```
/// use authz_core::object::Hidden;
///
/// enum ShopError {
///     NoSuchOrder,
///     OutOfStock,
/// }
///
/// impl From<Hidden> for ShopError {
///     fn from(_: Hidden) -> Self {
///         Self::NoSuchOrder
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    nothing: (),
}

impl Hidden {
    pub(super) const fn new() -> Self {
        Self { nothing: () }
    }

    /// The HTTP status: 404.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        StatusCode::NOT_FOUND
    }

    /// The body of the answer (RFC 9457).
    #[must_use]
    pub fn problem(self) -> Problem {
        Problem {
            kind: "urn:authz:problem:not-found",
            title: "Not found",
            status: self.status().as_u16(),
            detail: "there is no such object",
            missing_scopes: Vec::new(),
            acr_values: Vec::new(),
            max_age: None,
        }
    }

    /// The answer as a response of the crate `http`.
    #[must_use]
    pub fn into_http<B: From<Vec<u8>>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.body()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// The problem as JSON. It is plain data; should it not serialize, the status says it all.
    fn body(self) -> Vec<u8> {
        serde_json::to_vec(&self.problem()).unwrap_or_default()
    }
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such object")
    }
}

impl std::error::Error for Hidden {}

#[cfg(feature = "axum")]
impl axum::response::IntoResponse for Hidden {
    fn into_response(self) -> axum::response::Response {
        self.into_http()
    }
}

#[cfg(feature = "actix")]
impl actix_web::ResponseError for Hidden {
    fn status_code(&self) -> actix_web::http::StatusCode {
        actix_web::http::StatusCode::NOT_FOUND
    }

    fn error_response(&self) -> actix_web::HttpResponse {
        actix_web::HttpResponse::NotFound()
            .content_type(PROBLEM_JSON)
            .insert_header((actix_web::http::header::CACHE_CONTROL, "no-store"))
            .body(self.body())
    }
}
