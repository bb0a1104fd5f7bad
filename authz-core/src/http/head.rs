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
    /// As the framework has it.
    uri: &'a Uri,
    /// As the client sent it, where that was said.
    sent: Option<&'a Uri>,
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
            sent: None,
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
            sent: None,
            headers: &parts.headers,
            extensions: &parts.extensions,
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// Returns the target that the client sent: [`OriginalTarget`] says it where something has changed it, and so
    /// do the routers of axum, which take their prefix off.
    #[must_use]
    pub fn uri(&self) -> &'a Uri {
        self.sent.or_else(|| original(self.extensions)).unwrap_or(self.uri)
    }

    /// The same head with another target: the one that the client sent, where something in front has
    /// changed it and left no [`OriginalTarget`]. DPoP proofs are about that one.
    #[must_use]
    pub fn with_uri(self, uri: &'a Uri) -> Self {
        Self { sent: Some(uri), ..self }
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

    /// Returns whether the `Authorization` header has credentials, of whatever scheme.
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

/// The target that the client sent, in the extensions of a request whose target was changed.
///
/// A DPoP proof names the target that its client sent (RFC 9449 section 4.2), and not what is left of it
/// below a router that takes its prefix off. Routers of axum leave the one that they got in the extensions
/// by themselves. Whatever else changes the target of a request puts this beside it.
///
/// # Examples
///
/// A middleware that takes a prefix off:
///
/// ```
/// use authz_core::http::{OriginalTarget, RequestHead};
/// use http::{Request, Uri};
///
/// fn strip<B>(mut request: Request<B>, stripped: Uri) -> Request<B> {
///     // Something in front may have changed it before: the head knows.
///     let sent = OriginalTarget(RequestHead::of(&request).uri().clone());
///     request.extensions_mut().insert(sent);
///     *request.uri_mut() = stripped;
///     request
/// }
///
/// let request = Request::get("/shop/orders").body(()).unwrap();
/// let request = strip(request, Uri::from_static("/orders"));
/// assert_eq!(request.uri(), "/orders");
/// assert_eq!(RequestHead::of(&request).uri(), "/shop/orders");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalTarget(pub Uri);

/// Finds the target that the client sent, where the framework or a middleware left it. INVARIANT: the one
/// way to find it, for every gate.
fn original(extensions: &Extensions) -> Option<&Uri> {
    let left = extensions.get().map(|OriginalTarget(sent)| sent);
    #[cfg(any(feature = "axum", feature = "tonic", feature = "tower"))]
    let left = left.or_else(|| extensions.get().map(|axum::extract::OriginalUri(sent)| sent));
    left
}

/// Method and path: header fields, the query and extensions may have credentials in them.
impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method)
            .field("path", &self.uri().path())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::{Request, Uri};

    use super::{OriginalTarget, RequestHead};

    #[test]
    fn the_target_is_the_one_that_the_client_sent() {
        let target = |request: &Request<()>| RequestHead::of(request).uri().to_string();
        let mut request = Request::get("/x").body(()).unwrap();
        assert_eq!(target(&request), "/x");
        #[cfg(any(feature = "axum", feature = "tonic", feature = "tower"))]
        {
            let sent = axum::extract::OriginalUri(Uri::from_static("/admin/x"));
            request.extensions_mut().insert(sent);
            assert_eq!(target(&request), "/admin/x");
        }
        request.extensions_mut().insert(OriginalTarget(Uri::from_static("/v1/admin/x")));
        assert_eq!(target(&request), "/v1/admin/x");
        let (parts, ()) = request.into_parts();
        assert_eq!(RequestHead::of_parts(&parts).uri(), "/v1/admin/x");
    }

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
