//! The whole answer to a denial: status, header fields and body, for every web framework.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response};

use super::problem::PROBLEM_JSON;
use crate::denied::Denied;

/// Where the nonce of the next proof stands (RFC 9449 section 8).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Header fields that describe a body, and go with it when another one takes its place.
#[cfg(any(feature = "actix", feature = "axum"))]
pub(crate) const OF_THE_BODY: [&str; 8] = [
    "content-type",
    "content-length",
    "content-encoding",
    "content-language",
    "content-location",
    "etag",
    "last-modified",
    "transfer-encoding",
];

impl Denied {
    /// The answer as a response of the crate `http`: status, challenge and problem body (RFC 6750,
    /// RFC 9449, RFC 9457, RFC 9470), or how long to wait (RFC 6585), not to be cached.
    ///
    /// The denial itself is in the extensions of the response, where a middleware finds it. With the
    /// features `axum` and `actix` a denial is a response of the framework already; this is for the
    /// others.
    ///
    /// # Examples
    ///
    /// ```
    /// use authz_core::Denied;
    /// use http::Response;
    ///
    /// fn answer(denied: Denied) -> Response<Vec<u8>> {
    ///     denied.into_http()
    /// }
    /// ```
    #[must_use]
    pub fn into_http<B: From<Vec<u8>>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.body()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.extend(self.fields());
        response.extensions_mut().insert(self);
        response
    }

    /// The problem as JSON. It is plain data; should it not serialize, the header fields say it all.
    pub(crate) fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&self.problem()).unwrap_or_default()
    }

    /// The header fields of an answer, whoever writes its body.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let no_store = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
        std::iter::once(no_store).chain(self.asks())
    }

    /// Of these, what asks the caller for something.
    pub(crate) fn asks(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let challenge = self.challenge().map(|challenge| (WWW_AUTHENTICATE, challenge));
        let nonce = self.dpop_nonce().map(|nonce| (DPOP_NONCE, nonce.clone()));
        let wait = self.retry_after().map(|wait| (RETRY_AFTER, HeaderValue::from(wait.as_secs())));
        nonce.into_iter().chain(wait).chain(challenge)
    }
}
