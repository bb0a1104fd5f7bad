//! axum: the handlers of the list, and how to call them.

use authz_core::axum::Router;
use authz_core::axum::routing::{get, post};
use authz_core::{Guard, manual, public, requires};
use authz_tests::policy::Verifier;
use axum::body::Body;
use axum::extract::{Request, State};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::party::PREFIX;
use crate::suite::{self, Answer, Call, Framework, Journal};

#[requires(scope = "read:orders")]
async fn list(guard: Guard<list>, State(journal): State<Journal>) -> String {
    journal.ran("list", Some(&guard))
}

#[requires(scope = "write:orders")]
async fn place(guard: Guard<place>, State(journal): State<Journal>, body: String) -> String {
    format!("{}: {body}", journal.ran("place", Some(&guard)))
}

#[requires(role = "manager", scope = "write:orders", mfa, max_age = "5m")]
async fn refund(guard: Guard<refund>, State(journal): State<Journal>, body: String) -> String {
    format!("{}: {body}", journal.ran("refund", Some(&guard)))
}

#[requires(scope = "read:orders", bound)]
async fn vault(guard: Guard<vault>, State(journal): State<Journal>) -> String {
    journal.ran("vault", Some(&guard))
}

#[manual(reason = "tells callers who they are")]
async fn me(guard: Guard<me>, State(journal): State<Journal>) -> String {
    journal.ran("me", Some(&guard))
}

#[public(reason = "load balancer probe")]
async fn health(State(journal): State<Journal>) -> String {
    journal.ran("health", None)
}

struct Axum(axum::Router);

impl Framework for Axum {
    const MODULE: &'static str = module_path!();

    async fn start(verifier: Verifier, journal: Journal) -> Self {
        let router = Router::new()
            .nest(PREFIX, Router::new().route("/vault", get(vault)))
            .route("/orders", get(list).post(place))
            .route("/orders/{id}/refund", post(refund))
            .route("/vault", get(vault))
            .route("/me", get(me))
            .route("/health", get(health));
        Self(router.with_state(journal).secured_by(verifier))
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
        let request = request.body(Body::new(call.body)).unwrap();
        let (parts, body) = self.0.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let field = |name: &str| {
            let values = parts.headers.get_all(name).iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        Answer::over_http(parts.status.as_u16(), field, &body)
    }
}

#[tokio::test]
async fn every_case() {
    suite::run::<Axum>().await;
}
