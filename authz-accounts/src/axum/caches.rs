//! Caches, and handlers behind sessions.
//!
//! A shared cache keeps no answer to a request with `Authorization` (RFC 9111 section 3.5). It knows no such rule
//! for a cookie: an answer to a session that says nothing may be kept, by a proxy for the next person, and by the
//! browser for whoever presses "back" after the log-out. So an answer to a session says what may become of it
//! (ASVS V14.3.2):
//!
//! | what it shows | `Cache-Control` |
//! |---|---|
//! | one person's data; everything of which nothing else is known | `no-store` |
//! | what one person may keep for a while | `private, max-age=60` |
//! | the same for everybody, such as a style sheet | `public, max-age=3600` |
//!
//! Everything under [`Accounts::routes`](crate::Accounts::routes) is `no-store`. For handlers of the service,
//! [`keep_out_of_caches`] says `no-store` wherever a handler says nothing itself:
//!
//! ```
//! use authz_accounts::Accounts;
//! use authz_accounts::axum::keep_out_of_caches;
//! use authz_core::Policy;
//! use authz_core::axum::Router;
//! use authz_core::token::Verifier;
//! use axum::middleware::map_response;
//!
//! fn app<P: Policy>(
//!     orders: Router<P>,
//!     accounts: &Accounts<P>,
//!     verifier: Verifier<P>,
//! ) -> axum::Router {
//!     orders
//!         .nest("/account", accounts.routes())
//!         .secured_by(accounts.or(verifier))
//!         // Around everything: a refusal is an answer to somebody, too.
//!         .layer(map_response(keep_out_of_caches))
//! }
//! ```
//!
//! Absent on purpose: a cache of answers.

use axum::response::Response;
use http::header::{CACHE_CONTROL, COOKIE, VARY};
use http::{HeaderMap, HeaderValue};

/// Says `Cache-Control: no-store` in an answer that says nothing of caches, and `Vary: Cookie` in every one.
///
/// For `axum::middleware::map_response`; the [module](self) has an example. What a handler says stands: with
/// `Vary`, a cache that keeps it gives it to nobody with another cookie (RFC 9111 section 4.1).
pub async fn keep_out_of_caches(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if !varies_by_cookie(headers) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    response
}

fn varies_by_cookie(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(VARY).iter().filter_map(|value| value.to_str().ok());
    fields
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|field| field == "*" || field.eq_ignore_ascii_case(COOKIE.as_str()))
}
