//! The matrix of guarded routes of gRPC: their methods as endpoints, and requests without a socket.

use http::{Method, Request, Response, StatusCode};
use tonic::{Code, Status};
use tower::Service as _;

use super::{DenialMatrix, Endpoint, Payload};
use crate::manifest::Function;
use crate::policy::Policy;
use crate::tonic::Routes;

/// The matrix of routes before they have a verifier: they get that of a test issuer.
///
/// The table is in HTTP's terms: 401 stands for `UNAUTHENTICATED`, 403 for `PERMISSION_DENIED`.
impl<P: Policy> From<Routes<P>> for DenialMatrix<P> {
    fn from(routes: Routes<P>) -> Self {
        let records = routes.routes();
        let endpoints = records.iter().filter_map(|record| {
            let function = Function::from(record.function()?);
            Some(Endpoint::new(function, Method::POST, record.path()))
        });
        let endpoints = endpoints.collect();
        let services = records.iter().filter(|record| record.function().is_none());
        let mut services: Vec<_> = services.map(ToString::to_string).collect();
        services.sort();
        let secure = |verifier| {
            let routes = routes.secured_by(verifier);
            move |request: Request<Payload>| {
                let mut routes = routes.clone();
                async move {
                    match routes.call(request).await {
                        Ok(response) => translated(response),
                        Err(never) => match never {},
                    }
                }
            }
        };
        Self { services, ..Self::of(endpoints, secure) }
    }
}

/// The answer with the status that a denial has over HTTP; its challenge is in its head already.
fn translated<B>(mut response: Response<B>) -> Response<B> {
    let status = Status::from_header_map(response.headers());
    *response.status_mut() = match status.map(|status| status.code()) {
        Some(Code::Unauthenticated) => StatusCode::UNAUTHORIZED,
        Some(Code::PermissionDenied) => StatusCode::FORBIDDEN,
        Some(Code::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
        Some(Code::Unimplemented) => StatusCode::NOT_FOUND,
        Some(code) if code != Code::Ok => StatusCode::INTERNAL_SERVER_ERROR,
        _ => response.status(),
    };
    response
}
