//! Apps of actix-web without fault; each a neighbour of the mistakes in `actix`.

use actix_web::middleware::NormalizePath;
use actix_web::web::{Json, ServiceConfig};
use actix_web::{HttpServer, get, guard};
use authz_core::actix::extract::{Path, State};
use authz_core::actix::{App, Scope, web};
use authz_core::{Guard, manual, public, requires};
use authz_tests::{policy, warehouse};

#[derive(Clone)]
struct Shop;

#[requires(scope = "read:orders")]
async fn list_orders() -> &'static str {
    "orders"
}

#[requires(scope = "write:orders")]
async fn place_order(
    guard: Guard<place_order>,
    State(_): State<Shop>,
    Json(order): Json<u32>,
) -> Json<u32> {
    let _ = guard.subject();
    Json(order)
}

// actix's own attributes, below ours; with an import, and by their path.
#[requires(scope = "read:orders")]
#[get("/orders/{id}")]
async fn show_order(Path(id): Path<u64>) -> String {
    id.to_string()
}

#[manual(reason = "shows callers themselves")]
#[actix_web::get("/me")]
async fn me(guard: Guard<me>) -> String {
    guard.subject().to_owned()
}

#[public(reason = "load balancer probe", route = "GET /health")]
async fn health() -> &'static str {
    "ok"
}

#[public(reason = "says that there is nothing")]
async fn lost() -> &'static str {
    "nothing"
}

// Above, on an app of actix's own: nobody can call it there without an identity.
#[get("/orders")]
#[requires(scope = "read:orders")]
async fn elsewhere() -> &'static str {
    "orders"
}

fn orders() -> Scope<policy::Policy> {
    let orders = web::resource("/orders")
        .route(web::get().guard(guard::Host("shop.example")).to(list_orders))
        .route(web::post().to(place_order))
        .wrap(NormalizePath::trim());
    web::scope("/v1").service(orders).with_state(Shop)
}

fn app() -> App<policy::Policy> {
    App::new()
        .service(orders().wrap(NormalizePath::trim()))
        .service(show_order)
        .mount(me)
        .mount(health)
        .public_service("it is printed on every letter", actix_web::web::redirect("/logo", "/l"))
        .default_service(web::to(lost))
}

fn serve(verifier: policy::Verifier) {
    let app = move || app().secured_by(verifier.clone()).wrap(NormalizePath::trim());
    drop(HttpServer::new(app));
}

fn configure(config: &mut ServiceConfig, verifier: policy::Verifier) {
    config.service(orders().secured_by(verifier)).service(elsewhere);
}

#[requires(scope = "read:stock", policy = warehouse)]
async fn list_stock() -> &'static str {
    "stock"
}

fn stock(verifier: warehouse::Verifier) {
    let _ = App::new().route("/stock", web::get().to(list_stock)).secured_by(verifier);
}

fn main() {
    let _ = (serve, configure, stock);
}
