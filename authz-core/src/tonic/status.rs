//! A denial, and a hidden object, as a status of gRPC.

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::denied::Denied;
use crate::object::Hidden;

/// The `domain` of the [`ErrorInfo`](tonic_types::ErrorInfo) of a denial.
pub const ERROR_DOMAIN: &str = "authz";

/// The code, the sentence for the caller, and what the caller lacks: in words for people as the
/// challenge (`www-authenticate` in the metadata, RFC 6750, RFC 9449, RFC 9470), and as a
/// `google.rpc.ErrorInfo` in the details.
///
/// | over HTTP | code |
/// |---|---|
/// | 400, 401 | `UNAUTHENTICATED` |
/// | 403 | `PERMISSION_DENIED` |
/// | 429 | `RESOURCE_EXHAUSTED`, with a `google.rpc.RetryInfo` too |
/// | 503 | `UNAVAILABLE` |
///
/// The `ErrorInfo` has the domain [`ERROR_DOMAIN`], a reason such as `INSUFFICIENT_SCOPE`, which is
/// the last part of the problem's `type` over HTTP, and in its metadata `missing_scopes`,
/// `acr_values` and `max_age`, as far as they are asked for. The denial itself is the source of the
/// status.
///
/// # Examples
///
/// ```
/// use authz_core::Denied;
/// use tonic::Status;
///
/// fn answer(denied: Denied) -> Status {
///     denied.into()
/// }
/// ```
impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        let metadata = MetadataMap::from_headers(denied.asks().collect());
        let mut details =
            ErrorDetails::with_error_info(reason(&denied), ERROR_DOMAIN, lacks(&denied));
        if let Some(wait) = denied.retry_after() {
            details.set_retry_info(Some(wait));
        }
        let sentence = denied.sentence();
        let mut status =
            Self::with_error_details_and_metadata(code(&denied), sentence, details, metadata);
        status.set_source(Arc::new(denied));
        status
    }
}

/// [`NOT_FOUND`](Code::NotFound), which says of an object of somebody else what it says of one that is
/// not there.
///
/// # Examples
///
/// ```
/// use authz_core::object::Hidden;
/// use tonic::Status;
///
/// fn answer(hidden: Hidden) -> Status {
///     hidden.into()
/// }
/// ```
impl From<Hidden> for Status {
    fn from(hidden: Hidden) -> Self {
        Self::not_found(hidden.to_string())
    }
}

fn code(denied: &Denied) -> Code {
    match denied.status() {
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        _ => Code::Unauthenticated,
    }
}

/// `urn:authz:problem:insufficient-scope` as `INSUFFICIENT_SCOPE`.
fn reason(denied: &Denied) -> String {
    let kind = denied.problem().kind;
    let last = kind.rsplit(':').next().unwrap_or(kind);
    last.replace('-', "_").to_ascii_uppercase()
}

/// What the problem tells over HTTP.
fn lacks(denied: &Denied) -> HashMap<String, String> {
    let problem = denied.problem();
    let texts = [
        ("missing_scopes", problem.missing_scopes.join(" ")),
        ("acr_values", problem.acr_values.join(" ")),
        ("max_age", problem.max_age.map(|seconds| seconds.to_string()).unwrap_or_default()),
    ];
    let told = texts.into_iter().filter(|(_, text)| !text.is_empty());
    told.map(|(name, text)| (name.to_owned(), text)).collect()
}
