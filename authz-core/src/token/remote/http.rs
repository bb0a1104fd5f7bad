//! What is asked of an HTTP client, and the limits that hold whichever client it is.
//!
//! Absent on purpose: redirects. Where keys come from is said by configuration and metadata, never
//! by the answer to a request (RFC 8725 section 3.10).

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::{Request, Response, StatusCode};

/// The longest time one request may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of one body.
const BODY_LIMIT: usize = 256 * 1024;

/// The answer of an [`HttpClient`], to be waited for.
pub type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, FetchError>> + Send + 'a>>;

/// An HTTP client that fetches the documents of an issuer: metadata and keys.
///
/// With the feature `reqwest` there is one ready to use. Write your own where a proxy, a mesh or
/// another TLS library has to be used.
///
/// An implementation follows no redirect, reads no more of the body than
/// [`Limits::body`] allows, and keeps to [`Limits::public_https_only`]. The time and the length of
/// the body are checked once more by the caller.
///
/// # Examples
///
/// A client for tests, which answers from memory:
///
/// ```
/// use authz_core::token::{FetchAnswer, FetchError, HttpClient, Limits};
/// use http::{Request, Response};
///
/// struct Canned(&'static str);
///
/// impl HttpClient for Canned {
///     fn send(&self, _: Request<Vec<u8>>, _: Limits) -> FetchAnswer<'_> {
///         Box::pin(async { Ok(Response::new(self.0.as_bytes().to_vec())) })
///     }
/// }
/// ```
pub trait HttpClient: Send + Sync + 'static {
    /// Sends one request and reads the answer.
    fn send(&self, request: Request<Vec<u8>>, limits: Limits) -> Answer<'_>;
}

/// The limits of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest time from the request to the last byte of the body.
    pub timeout: Duration,
    /// The most bytes of the body.
    pub body: usize,
    /// Whether anything but `https`, and any address that is not a public one, is refused, also
    /// where a name resolves to it.
    pub public_https_only: bool,
}

impl Limits {
    pub(crate) const fn new(insecure: bool) -> Self {
        Self { timeout: TIMEOUT, body: BODY_LIMIT, public_https_only: !insecure }
    }
}

/// Why a document could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is not one of `https`.
    #[error("`{url}` is not https: use https, or say `danger_allow_insecure_issuer` to mean it")]
    NotHttps {
        /// The address.
        url: Box<str>,
    },
    /// The address leads into a private network, or to this machine.
    #[error(
        "`{host}` is not a public address: \
         use a public one, or say `danger_allow_insecure_issuer` to mean it"
    )]
    PrivateAddress {
        /// The host as given.
        host: Box<str>,
    },
    /// The address can't be read.
    #[error("`{url}` is not an address: expected `https://`, a host and a path")]
    Address {
        /// The address.
        url: Box<str>,
    },
    /// No answer in time.
    #[error("no whole answer came within {seconds} s")]
    Timeout {
        /// The limit in seconds.
        seconds: u64,
    },
    /// More bytes than are read.
    #[error("the body has more than {limit} bytes")]
    BodyTooLong {
        /// Bytes allowed.
        limit: usize,
    },
    /// Another status than 200.
    #[error("the answer has the status {status}; expected 200")]
    Status {
        /// The status.
        status: u16,
    },
    /// The connection failed.
    #[error("the request failed: {reason}")]
    Transport {
        /// What the client says.
        reason: Box<str>,
    },
    /// The body is not UTF-8.
    #[error("the body is not UTF-8")]
    Utf8,
}

/// Fetches text, within the limits whatever the client does.
pub(crate) async fn fetch(
    client: &dyn HttpClient,
    request: Request<Vec<u8>>,
    limits: Limits,
) -> Result<String, FetchError> {
    if limits.public_https_only && request.uri().scheme_str() != Some("https") {
        return Err(FetchError::NotHttps { url: shown(&request.uri().to_string()) });
    }
    let timeout = FetchError::Timeout { seconds: limits.timeout.as_secs() };
    let answer = tokio::time::timeout(limits.timeout, client.send(request, limits));
    let answer = answer.await.map_err(|_| timeout)??;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Status { status: answer.status().as_u16() });
    }
    if answer.body().len() > limits.body {
        return Err(FetchError::BodyTooLong { limit: limits.body });
    }
    String::from_utf8(answer.into_body()).map_err(|_| FetchError::Utf8)
}

/// A request for a JSON document.
pub(crate) fn get(url: &str) -> Result<Request<Vec<u8>>, FetchError> {
    Request::get(url)
        .header(http::header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| FetchError::Address { url: shown(url) })
}

/// An address for messages: without user, password and query, which may be secrets.
pub(crate) fn shown(url: &str) -> Box<str> {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{rest}").into()
}

impl fmt::Debug for dyn HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}
