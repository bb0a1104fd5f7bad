//! What the handlers answer, in the terms of each framework that serves them.
//!
//! A handler returns one of these, or JSON, and so it is the same on every framework: what differs
//! is here.

use std::fmt;

use authz_core::Denied;
use authz_core::object::{Hidden, Masked};
#[cfg(any(feature = "actix", feature = "axum"))]
use serde_json::{Value, json};

use crate::shop::Order;

/// An order that was just taken.
#[derive(Debug)]
pub struct Placed(pub Masked<Order>);

/// A page of HTML.
#[derive(Debug)]
pub struct Page(pub String);

/// Why the shop can't do what was asked.
#[derive(Debug)]
pub enum ShopError {
    /// The caller may not.
    Denied(Denied),
    /// There is no such order, or it is none of the caller's.
    NoSuchOrder,
    /// The order is not open any more.
    NotOpen,
}

impl From<Denied> for ShopError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<Hidden> for ShopError {
    fn from(_: Hidden) -> Self {
        Self::NoSuchOrder
    }
}

/// What the caller is told; of a denial, what is safe to tell.
impl fmt::Display for ShopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denied) => denied.fmt(f),
            Self::NoSuchOrder => f.write_str("there is no such order"),
            Self::NotOpen => f.write_str("the order is not open any more"),
        }
    }
}

#[cfg(any(feature = "actix", feature = "axum"))]
impl ShopError {
    /// The HTTP status.
    fn status(&self) -> u16 {
        match self {
            Self::Denied(denied) => denied.status().as_u16(),
            Self::NoSuchOrder => 404,
            Self::NotOpen => 409,
        }
    }

    fn body(&self) -> Value {
        json!({ "title": self.to_string(), "status": self.status() })
    }
}

/// The manifest can't be shown; why is the log's business.
#[derive(Debug)]
pub struct Unavailable;

impl<E: std::error::Error> From<E> for Unavailable {
    fn from(error: E) -> Self {
        eprintln!("the manifest can't be shown: {error}");
        Self
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the manifest can't be shown")
    }
}

#[cfg(feature = "axum")]
mod for_axum {
    use axum::Json;
    use axum::http::StatusCode;
    use axum::response::{Html, IntoResponse, Response};

    use super::{Page, Placed, ShopError, Unavailable};

    impl IntoResponse for Placed {
        fn into_response(self) -> Response {
            (StatusCode::CREATED, Json(self.0)).into_response()
        }
    }

    impl IntoResponse for Page {
        fn into_response(self) -> Response {
            Html(self.0).into_response()
        }
    }

    impl IntoResponse for ShopError {
        fn into_response(self) -> Response {
            match self {
                // Keeps the challenge: see RFC 6750.
                Self::Denied(denied) => denied.into_response(),
                error => {
                    let status = StatusCode::from_u16(error.status());
                    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                    (status, Json(error.body())).into_response()
                }
            }
        }
    }

    impl IntoResponse for Unavailable {
        fn into_response(self) -> Response {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(feature = "actix")]
mod for_actix {
    use actix_web::body::BoxBody;
    use actix_web::http::StatusCode;
    use actix_web::web::Html;
    use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};

    use super::{Page, Placed, ShopError, Unavailable};

    impl Responder for Placed {
        type Body = BoxBody;

        fn respond_to(self, _: &HttpRequest) -> HttpResponse {
            HttpResponse::Created().json(self.0)
        }
    }

    impl Responder for Page {
        type Body = BoxBody;

        fn respond_to(self, request: &HttpRequest) -> HttpResponse {
            Html::new(self.0).respond_to(request).map_into_boxed_body()
        }
    }

    impl ResponseError for ShopError {
        fn status_code(&self) -> StatusCode {
            StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }

        fn error_response(&self) -> HttpResponse {
            match self {
                // Keeps the challenge: see RFC 6750.
                Self::Denied(denied) => denied.error_response(),
                error => HttpResponse::build(error.status_code()).json(error.body()),
            }
        }
    }

    impl ResponseError for Unavailable {
        fn error_response(&self) -> HttpResponse {
            HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
