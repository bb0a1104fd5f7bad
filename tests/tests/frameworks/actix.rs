//! actix-web: the handlers of the list, and how to call them.

use std::pin::Pin;

use actix_web::dev::{Payload, Service as _};
use actix_web::http::Method;
use actix_web::{HttpMessage as _, HttpResponse, test};
use authz_core::actix::App;
use authz_core::actix::extract::State;
use authz_core::actix::web::{get, post, resource, scope};
use authz_core::{Guard, manual, public, requires};
use authz_tests::policy::Verifier;
use http_body_util::{BodyDataStream, BodyExt as _};

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

type Answering = Pin<Box<dyn Future<Output = HttpResponse>>>;

/// The service, whose type can't be written.
struct Actix(Box<dyn Fn(Call) -> Answering>);

impl Framework for Actix {
    const MODULE: &'static str = module_path!();

    async fn start(verifier: Verifier, journal: Journal) -> Self {
        let orders = resource("/orders").route(get().to(list)).route(post().to(place));
        let app = App::new()
            .service(orders)
            .service(scope(PREFIX).route("/vault", get().to(vault)))
            .route("/orders/{id}/refund", post().to(refund))
            .route("/vault", get().to(vault))
            .route("/me", get().to(me))
            .route("/health", get().to(health))
            .with_state(journal)
            .secured_by(verifier);
        let service = test::init_service(app).await;
        Self(Box::new(move |call| {
            let request = head(&call).to_request();
            if let Some(certificate) = call.certificate {
                request.extensions_mut().insert(certificate);
            }
            if let Some(identity) = call.identity {
                request.extensions_mut().insert(identity);
            }
            let body = BodyDataStream::new(call.body.map_err(|never| match never {}));
            let payload: Payload = Payload::Stream { payload: Box::pin(body) };
            let (request, _) = request.replace_payload(payload);
            let answer = service.call(request);
            Box::pin(async move { answer.await.unwrap().into_parts().1 })
        }))
    }

    async fn call(&self, call: Call) -> Answer {
        let (head, body) = (self.0)(call).await.into_parts();
        let body = actix_web::body::to_bytes(body).await.unwrap();
        let field = |name: &str| {
            let values = head.headers().get_all(name);
            values.map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        Answer::over_http(head.status().as_u16(), field, &body)
    }
}

fn head(call: &Call) -> test::TestRequest {
    let method = Method::from_bytes(call.target.method.as_bytes()).unwrap();
    let request = test::TestRequest::with_uri(&call.target.path).method(method);
    let fields = call.fields.iter();
    fields.fold(request, |request, (name, value)| request.append_header((*name, value.as_str())))
}

#[tokio::test]
async fn every_case() {
    suite::run::<Actix>().await;
}
