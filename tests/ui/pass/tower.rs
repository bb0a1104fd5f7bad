//! Layers of tower without fault; each a neighbour of the mistakes in `tower`.

use std::convert::Infallible;

use authz_core::tower::take_guard;
use authz_core::{Guard, manual, requires, rule};
use authz_tests::{policy, warehouse};
use axum::body::Body;
use http::{Request, Response};
use tower::{Layer, Service, service_fn};

rule!(pub Change = any(role = "manager", scope = "write:orders"));

#[requires(rule = Change)]
fn change_order(guard: Guard<change_order>) -> String {
    guard.subject().to_owned()
}

#[manual(reason = "shows callers themselves")]
fn me(guard: Guard<me>) -> String {
    guard.subject().to_owned()
}

#[requires(scope = "read:stock", policy = warehouse)]
async fn list_stock() {}

async fn answer(mut request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let guard = take_guard::<change_order>(request.extensions_mut());
    let other = take_guard::<me>(request.extensions_mut()).map(me);
    Ok(Response::new(Body::from(guard.map(change_order).or(other).unwrap_or_default())))
}

fn serves<S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>>(_: S) {}

fn services(orders: policy::Verifier, stock: warehouse::Verifier) {
    serves(orders.guard::<change_order>().layer(service_fn(answer)));
    serves(orders.guard::<me>().layer(service_fn(answer)));
    serves(stock.guard::<list_stock>().layer(service_fn(answer)));
}

fn main() {
    let _ = services;
}
