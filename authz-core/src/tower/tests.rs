//! What is the layer's own: readiness, stacking, and the way of the guard. Who passes, and what is
//! answered, is asked of every framework by the tests of the workspace.
#![expect(unsafe_code, reason = "the link section of records, which other crates get by macro")]

use std::convert::Infallible;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::take_guard;
use crate::authenticator::{Authentication, Authenticator};
use crate::denied::Denied;
use crate::fixture::policy::{Identity, Policy};
use crate::fixture::{TOKEN, verifier};
use crate::http::RequestHead;
use crate::{Guard, requires};

#[requires(scope = "read:orders", policy = crate::fixture::policy)]
fn list_orders(guard: Guard<list_orders>) -> String {
    format!("orders of {}", guard.subject())
}

#[requires(scope = "write:orders", policy = crate::fixture::policy)]
fn place_order(_: Guard<place_order>) {}

async fn list(mut request: Request<()>) -> Result<Response<Vec<u8>>, Infallible> {
    let guard = take_guard::<list_orders>(request.extensions_mut()).unwrap();
    assert!(take_guard::<list_orders>(request.extensions_mut()).is_none(), "one call");
    assert!(request.extensions().get::<Identity>().is_some());
    Ok(Response::new(list_orders(guard).into_bytes()))
}

fn by_clerk() -> Request<()> {
    Request::get("/").header(AUTHORIZATION, format!("Bearer {TOKEN}")).body(()).unwrap()
}

#[tokio::test]
async fn the_guard_comes_with_the_request() {
    let service = verifier().guard::<list_orders>().layer(service_fn(list));
    let response = service.clone().oneshot(by_clerk()).await.unwrap();
    assert_eq!(response.into_body(), b"orders of somebody");
    let refused = service.oneshot(Request::new(())).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.extensions().get::<Denied>().unwrap().outcome(), "no_credentials");
}

#[tokio::test]
async fn every_layer_is_to_be_passed_and_none_gives_the_guard_of_another() {
    async fn none(mut request: Request<()>) -> Result<Response<Vec<u8>>, Infallible> {
        assert!(take_guard(request.extensions_mut()).map(place_order).is_none());
        Ok(Response::default())
    }
    let inner = verifier().guard::<list_orders>().layer(service_fn(none));
    assert_eq!(inner.clone().oneshot(by_clerk()).await.unwrap().status(), StatusCode::OK);
    let both = verifier().guard::<place_order>().layer(inner);
    assert_eq!(both.oneshot(by_clerk()).await.unwrap().status(), StatusCode::FORBIDDEN);
}

/// Has no credentials of its own, so that the token is looked for, and has to be waited for.
struct Nobody;

impl Authenticator<Policy> for Nobody {
    fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(None)
        })
    }
}

/// A service that has to be ready before it is called, as those with a limit are.
#[derive(Default)]
struct OncePerReady {
    is_ready: bool,
}

impl Clone for OncePerReady {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request<()>> for OncePerReady {
    type Response = Response<Vec<u8>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Vec<u8>>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called without being ready");
        std::future::ready(Ok(Response::default()))
    }
}

#[tokio::test]
async fn the_service_that_is_ready_is_the_one_that_is_called() {
    for verifier in [verifier(), verifier().after(Nobody)] {
        let layer = verifier.guard::<list_orders>();
        let mut service = layer.layer(OncePerReady::default());
        for _ in 0..2 {
            let response = service.ready().await.unwrap().call(by_clerk()).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
        }
    }
}
