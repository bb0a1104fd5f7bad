//! Rocket 0.5: a request guard that is the proof, and a fairing that answers for it.

use std::io::Cursor;

use authz_core::http::RequestHead;
use authz_core::token::Verifier;
use authz_core::{Denied, Guard, Guarded, requires};
use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Build, Response, Rocket};

use crate::policy;

/// The first argument of a route that calls the guarded function `R`.
#[derive(Debug)]
pub struct Caller<R: Guarded>(pub Guard<R>);

/// Rocket makes the guards of a request before it touches the data.
#[rocket::async_trait]
impl<'r, R: Guarded> FromRequest<'r> for Caller<R> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Some(verifier) = request.rocket().state::<Verifier<R::Policy>>() else {
            // A fault of the program.
            return Outcome::Error((Status::InternalServerError, ()));
        };
        let Ok(head) = head(request) else {
            return Outcome::Error((Status::BadRequest, ()));
        };
        let identity = verifier.authenticate(RequestHead::of(&head)).await;
        match identity.and_then(|identity| identity.authorize()) {
            Ok(guard) => Outcome::Success(Self(guard)),
            Err(denied) => {
                let status = Status::new(denied.status().as_u16());
                // For the fairing: a request guard can't answer by itself.
                request.local_cache(|| Some(denied));
                Outcome::Error((status, ()))
            }
        }
    }
}

/// The head of the request in the types of the crate `http`.
fn head(request: &Request<'_>) -> http::Result<http::Request<()>> {
    let head = http::Request::builder().method(request.method().as_str());
    let head = head.uri(request.uri().to_string());
    let fields = request.headers().iter();
    let head = fields.fold(head, |head, field| head.header(field.name().as_str(), field.value()));
    head.body(())
}

/// Answers denials with status, challenge and problem.
#[must_use]
pub fn denials() -> AdHoc {
    AdHoc::on_response("denials", |request, response| {
        Box::pin(async move {
            if let Some(denied) = request.local_cache(|| None::<Denied>) {
                answer(denied.clone(), response);
            }
        })
    })
}

fn answer(denied: Denied, response: &mut Response<'_>) {
    let (parts, body) = denied.into_http::<Vec<u8>>().into_parts();
    *response = Response::new();
    response.set_status(Status::new(parts.status.as_u16()));
    for (name, value) in &parts.headers {
        if let Ok(value) = value.to_str() {
            response.adjoin_raw_header(name.to_string(), value.to_owned());
        }
    }
    response.set_sized_body(body.len(), Cursor::new(body));
}

/// Takes an order. What has to be guarded stands in a function that can't be called without.
#[requires(scope = "write:orders")]
fn place_order(guard: Guard<place_order>, mut item: String) -> String {
    item.push_str(" for ");
    item.push_str(guard.subject());
    item
}

#[rocket::post("/orders", data = "<item>")]
fn place(caller: Caller<place_order>, item: String) -> String {
    place_order(caller.0, item)
}

/// The service, whose request guards find the verifier among its state.
#[must_use]
pub fn service(verifier: policy::Verifier) -> Rocket<Build> {
    rocket::build().mount("/", rocket::routes![place]).manage(verifier).attach(denials())
}
