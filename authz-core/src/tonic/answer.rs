//! The application's own words for a denial.
//!
//! INVARIANT: the code of a denial stays, and so does what the caller has to know to do better.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::Response;
use http::header::WWW_AUTHENTICATE;
use tonic::Status;
use tonic::body::Body;
use tonic::metadata::MetadataMap;

use crate::denied::Denied;

/// What an application makes of the status of a denial.
#[derive(Clone)]
pub(super) struct Answer(Arc<Answering>);

type Answering = dyn Fn(&Denied, Status) -> Status + Send + Sync;

/// The place of an answer in a gate: empty while routes are put together, and for good where the words are
/// ours.
#[derive(Clone, Default)]
pub(super) struct Answers(Arc<OnceLock<Answer>>);

impl Answer {
    pub(super) fn new(answer: impl Fn(&Denied, Status) -> Status + Send + Sync + 'static) -> Self {
        Self(Arc::new(answer))
    }

    fn status(&self, denied: &Denied) -> Status {
        let ours = Status::from(denied.clone());
        let code = ours.code();
        let answer = (self.0)(denied, ours);
        let mut metadata = answer.metadata().clone().into_headers();
        for (name, value) in denied.asks() {
            // A challenge of the application's own stays.
            if name != WWW_AUTHENTICATE || !metadata.contains_key(WWW_AUTHENTICATE) {
                metadata.insert(name, value);
            }
        }
        let mut status = Status::with_details_and_metadata(
            code,
            answer.message(),
            Bytes::copy_from_slice(answer.details()),
            MetadataMap::from_headers(metadata),
        );
        status.set_source(Arc::new(denied.clone()));
        status
    }
}

impl Answers {
    pub(super) fn fill(&self, answer: Answer) {
        // Routes are secured once.
        let _ = self.0.set(answer);
    }

    /// The answer to somebody who is not let in.
    pub(super) fn refuse(&self, denied: Denied) -> Response<Body> {
        let status = match self.0.get() {
            Some(answer) => answer.status(&denied),
            None => Status::from(denied.clone()),
        };
        let mut response = status.into_http();
        response.extensions_mut().insert(denied);
        response
    }

    /// The answer of a method, which may have refused somebody itself. What an interceptor or a layer has
    /// put beside its status stays.
    pub(super) fn look_at(&self, mut response: Response<Body>) -> Response<Body> {
        let Some(answer) = self.0.get() else { return response };
        let Some(denied) = response.extensions().get().and_then(denied_by) else { return response };
        let status = answer.status(&denied);
        let headers = response.headers_mut();
        for name in [Status::GRPC_MESSAGE, Status::GRPC_STATUS_DETAILS] {
            headers.remove(name);
        }
        // Metadata that came from a header has the form of one.
        if status.add_header(headers).is_ok() {
            response.extensions_mut().insert(status);
            response.extensions_mut().insert(denied);
        }
        response
    }
}

/// The denial of which a status was made, and not something else since.
fn denied_by(status: &Status) -> Option<Denied> {
    let denied = std::error::Error::source(status)?.downcast_ref::<Denied>()?;
    (Status::from(denied.clone()).code() == status.code()).then(|| denied.clone())
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}
