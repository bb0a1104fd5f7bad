//! What an authenticator sees of a request: everything but its body.

use std::fmt;

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Request, Uri};

use super::credentials::{NoToken, are_there, bearer};
use crate::authenticator::Refusal;

/// The head of a request, borrowed.
///
/// # Examples
///
/// ```
/// use authz_core::http::RequestHead;
/// use http::Request;
///
/// let request = Request::get("/orders").header("Authorization", "Bearer abc").body(()).unwrap();
/// let head = RequestHead::of(&request);
/// assert_eq!(head.method(), "GET");
/// assert_eq!(head.bearer().unwrap(), Some("abc"));
/// ```
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> RequestHead<'a> {
    /// The head of a request, whatever its body is.
    #[must_use]
    pub fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }

    /// The head of a request that was taken apart.
    #[must_use]
    pub fn of_parts(parts: &'a Parts) -> Self {
        Self {
            method: &parts.method,
            uri: &parts.uri,
            headers: &parts.headers,
            extensions: &parts.extensions,
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// The target, as the framework has it: a nested router may have taken its prefix off.
    #[must_use]
    pub fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// The same head with another target: the one that the client sent, where something in front has
    /// changed it. DPoP proofs are about that one.
    #[must_use]
    pub fn with_uri(self, uri: &'a Uri) -> Self {
        Self { uri, ..self }
    }

    /// The header fields.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// What the framework and its middleware say about the request, such as the peer's address.
    #[must_use]
    pub fn extensions(&self) -> &'a Extensions {
        self.extensions
    }

    /// Whether the `Authorization` header has credentials, of whatever scheme.
    ///
    /// `Bearer` or `DPoP` without a token is none: front ends send that before a log-in. For an authenticator
    /// of what a browser sends by itself, which leaves requests alone that say on purpose who is asking.
    #[must_use]
    pub fn has_authorization(&self) -> bool {
        are_there(self.headers)
    }

    /// The bearer token, from the `Authorization` header alone (RFC 6750 section 2.1).
    ///
    /// # Errors
    ///
    /// [`Refusal`] where there is more than one such header, or one of that scheme that can't be
    /// read.
    pub fn bearer(&self) -> Result<Option<&'a str>, Refusal> {
        match bearer(self.headers) {
            Ok(token) => Ok(Some(token)),
            Err(NoToken::Absent) => Ok(None),
            Err(NoToken::Malformed(reason)) => Err(Refusal::malformed(reason)),
        }
    }
}

/// Method and path: header fields, the query and extensions may have credentials in them.
impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method)
            .field("path", &self.uri.path())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::RequestHead;

    #[test]
    fn credentials_stay_out_of_logs() {
        let request = Request::get("/orders?key=swordfish")
            .header("authorization", "Bearer swordfish")
            .header("cookie", "session=swordfish")
            .extension("swordfish")
            .body(())
            .unwrap();
        let text = format!("{:?}", RequestHead::of(&request));
        assert!(text.contains("/orders") && !text.contains("swordfish"), "{text}");
    }
}
