//! tower: a guarded function behind a layer for each path, in no framework at all.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;

use authz_core::tower::take_guard;
use authz_core::{Guard, Guarded, manual, public, requires};
use authz_tests::policy::{Policy, Verifier};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tower::{Layer as _, Service, ServiceExt as _};

use crate::body::Watched;
use crate::party::PREFIX;
use crate::suite::{self, Answer, Call, Framework, Journal};

#[requires(scope = "read:orders")]
fn list(guard: Guard<list>, journal: &Journal, _: &str) -> String {
    journal.ran("list", Some(&guard))
}

#[requires(scope = "write:orders")]
fn place(guard: Guard<place>, journal: &Journal, body: &str) -> String {
    format!("{}: {body}", journal.ran("place", Some(&guard)))
}

#[requires(role = "manager", scope = "write:orders", mfa, max_age = "5m")]
fn refund(guard: Guard<refund>, journal: &Journal, body: &str) -> String {
    format!("{}: {body}", journal.ran("refund", Some(&guard)))
}

#[requires(scope = "read:orders", bound)]
fn vault(guard: Guard<vault>, journal: &Journal, _: &str) -> String {
    journal.ran("vault", Some(&guard))
}

#[manual(reason = "tells callers who they are")]
fn me(guard: Guard<me>, journal: &Journal, _: &str) -> String {
    journal.ran("me", Some(&guard))
}

#[public(reason = "load balancer probe")]
fn health(journal: &Journal) -> String {
    journal.ran("health", None)
}

type Answered = Result<Response<Full<Bytes>>, Infallible>;
type Answering = Pin<Box<dyn Future<Output = Answered> + Send>>;

/// A service of one guarded function.
struct Serve<R: Guarded> {
    run: fn(Guard<R>, &Journal, &str) -> String,
    reads: bool,
    journal: Journal,
}

impl<R: Guarded> Clone for Serve<R> {
    fn clone(&self) -> Self {
        Self { run: self.run, reads: self.reads, journal: self.journal.clone() }
    }
}

impl<R: Guarded, B> Service<Request<B>> for Serve<R>
where
    B: http_body::Body<Error: std::fmt::Debug, Data: Send> + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Answering {
        let Self { run, reads, journal } = self.clone();
        Box::pin(async move {
            let guard = take_guard::<R>(request.extensions_mut()).unwrap();
            let body = if reads {
                request.into_body().collect().await.unwrap().to_bytes()
            } else {
                Bytes::new()
            };
            let text = run(guard, &journal, std::str::from_utf8(&body).unwrap());
            Ok(Response::new(Full::from(text)))
        })
    }
}

/// The whole service; what a router would do is a look at method and path.
struct Tower(Arc<dyn Fn(Request<Watched>) -> Answering + Send + Sync>);

impl Framework for Tower {
    const MODULE: &'static str = module_path!();
    // No router is in front that would have one.
    const TELLS_ROUTES: bool = false;

    async fn start(verifier: Verifier, journal: Journal) -> Self {
        Self(Arc::new(move |request| {
            let serving = Serving { verifier: verifier.clone(), journal: journal.clone(), request };
            match (serving.request.method().as_str(), serving.request.uri().path()) {
                ("GET", "/orders") => serving.by(list, false),
                ("POST", "/orders") => serving.by(place, true),
                ("POST", "/orders/7/refund") => serving.by(refund, true),
                ("GET", "/vault") => serving.by(vault, false),
                ("GET", "/admin/vault") => serving.below_a_router(vault),
                ("GET", "/me") => serving.by(me, false),
                ("GET", "/health") => Box::pin(answered(health(&journal))),
                _ => Box::pin(not_there()),
            }
        }))
    }

    async fn call(&self, call: Call) -> Answer {
        let mut request = Request::builder().method(call.target.method).uri(&call.target.path);
        for (name, value) in &call.fields {
            request = request.header(*name, value);
        }
        if let Some(certificate) = call.certificate {
            request = request.extension(certificate);
        }
        if let Some(identity) = call.identity {
            request = request.extension(identity);
        }
        let request = request.body(call.body).unwrap();
        let (parts, body) = (self.0)(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let field = |name: &str| {
            let values = parts.headers.get_all(name).iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        Answer::over_http(parts.status.as_u16(), field, &body)
    }
}

struct Serving {
    verifier: Verifier,
    journal: Journal,
    request: Request<Watched>,
}

impl Serving {
    fn by<R>(self, run: fn(Guard<R>, &Journal, &str) -> String, reads: bool) -> Answering
    where
        R: Guarded<Policy = Policy>,
    {
        let serve = Serve { run, reads, journal: self.journal };
        Box::pin(self.verifier.guard::<R>().layer(serve).oneshot(self.request))
    }

    /// Below a router of axum, which takes the prefix off.
    fn below_a_router<R>(self, run: fn(Guard<R>, &Journal, &str) -> String) -> Answering
    where
        R: Guarded<Policy = Policy>,
    {
        let serve = Serve { run, reads: false, journal: self.journal };
        let guarded = self.verifier.guard::<R>().layer(serve);
        let router = axum::Router::new().nest_service(PREFIX, guarded);
        let request = self.request.map(axum::body::Body::new);
        Box::pin(async move {
            let (parts, body) = router.oneshot(request).await?.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Ok(Response::from_parts(parts, Full::from(body)))
        })
    }
}

fn answered(text: String) -> Ready<Answered> {
    ready(Ok(Response::new(Full::from(text))))
}

fn not_there() -> Ready<Answered> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NOT_FOUND;
    ready(Ok(response))
}

#[tokio::test]
async fn every_case() {
    suite::run::<Tower>().await;
}
