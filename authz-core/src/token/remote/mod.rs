//! Keys that an issuer publishes: found by its metadata, fetched, and kept fresh.
//!
//! | file | room |
//! |---|---|
//! | `http.rs` | what is asked of an HTTP client, and the limits |
//! | `client.rs` | the client of the feature `reqwest` |
//! | `introspection.rs` | opaque tokens: RFC 7662 |
//! | `metadata.rs` | OpenID Connect Discovery and RFC 8414 |
//! | `refresh.rs` | the task that fetches |
//! | `shared.rs` | what the task and requests share without a lock |
//! | `source.rs` | the keys as requests see them |

#[cfg(feature = "reqwest")]
mod client;
mod http;
mod introspection;
#[cfg(test)]
mod introspection_tests;
mod metadata;
mod refresh;
mod shared;
mod source;
#[cfg(test)]
mod tests;

#[cfg(feature = "reqwest")]
pub use client::ReqwestClient;
pub use http::{Answer, FetchError, HttpClient, Limits};
pub use introspection::Introspection;
pub(crate) use introspection::Introspector;
pub use metadata::DiscoveryError;
pub(crate) use refresh::start;
pub(crate) use source::RemoteKeys;

use std::fmt;

use super::algorithm::Algorithm;

/// How to get the keys of an issuer.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(crate) location: KeyLocation,
    /// The only algorithms to accept; every asymmetric one unless set.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    /// Whether anything but https and private addresses will do.
    pub(crate) insecure: bool,
    /// Whether the service may start without the issuer.
    pub(crate) may_be_absent: bool,
}

/// Where the keys of an issuer are.
#[derive(Clone)]
pub(crate) enum KeyLocation {
    /// Where the metadata of the issuer says.
    Metadata,
    /// Here, whatever the metadata says.
    Url(Box<str>),
}

/// As in messages.
impl fmt::Debug for KeyLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata => f.write_str("Metadata"),
            Self::Url(url) => f.debug_tuple("Url").field(&http::shown(url)).finish(),
        }
    }
}

impl Remote {
    pub(crate) fn new(location: KeyLocation) -> Self {
        Self { location, algorithms: None, insecure: false, may_be_absent: false }
    }
}
