//! The matrix of an app of actix-web.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::Bytes;
use authz_core::actix::App;
use authz_core::actix::web::{get, post, resource, route, scope};
use authz_core::testing::DenialMatrix;
use authz_core::{Denied, Guard, manual, public, requires};
use authz_tests::policy::Policy;

#[requires(role = "clerk", scope = "write:orders", policy = authz_tests::policy)]
async fn place(_body: Bytes) -> &'static str {
    "placed"
}

#[requires(scope = "read:orders", policy = authz_tests::policy)]
async fn list() -> &'static str {
    std::future::pending().await
}

#[requires(role = "manager", mfa, max_age = "5m", policy = authz_tests::policy)]
async fn refund(guard: Guard<refund>) -> Result<&'static str, Denied> {
    guard.authorize::<vault>().map(|_| "refunded")
}

#[requires(scope = "read:orders", bound, policy = authz_tests::policy)]
async fn vault() -> &'static str {
    "gold"
}

#[manual(reason = "shows the caller nothing but the caller", policy = authz_tests::policy)]
async fn me() -> &'static str {
    panic!("what a handler does is not the matrix's business")
}

#[public(reason = "load balancer probe", policy = authz_tests::policy)]
async fn health() -> &'static str {
    "ok"
}

fn app() -> App<Policy> {
    App::new()
        .service(resource("/orders").route(get().to(list)).route(post().to(place)))
        .service(scope("/orders/{id:[0-9]+}").service(resource("/refund").route(post().to(refund))))
        .route("/vault", route().to(vault))
        .route("/me", get().to(me))
        .route("/health", get().to(health))
}

#[tokio::test]
async fn an_app_keeps_what_it_promises() {
    let matrix = DenialMatrix::from(app());
    let table = matrix.table();
    for place in [
        "\nPOST /orders denial_matrix::actix::place (requires)\n  passes: role clerk, scope write:orders\n",
        "\nPOST /orders/{id:[0-9]+}/refund denial_matrix::actix::refund (requires)\n",
        "\n* /vault denial_matrix::actix::vault (requires)\n  passes: scope read:orders, bound token\n",
        "\nGET /health denial_matrix::actix::health (public)\n  passes: anybody\n",
    ] {
        assert!(table.contains(place), "{place}{table}");
    }
    matrix.await;
}

#[tokio::test]
async fn what_is_left_over_is_reached() {
    DenialMatrix::from(app().default_service(get().to(vault))).await;
}

#[tokio::test]
async fn who_reads_the_body_before_the_guard_is_found() {
    let reads = from_fn(async |mut request: ServiceRequest, next: Next<BoxBody>| {
        request.extract::<Bytes>().await?;
        next.call(request).await
    });
    let orders = resource("/orders").route(post().to(place)).wrap(reads);
    let found = DenialMatrix::from(App::new().service(orders)).check().await.unwrap_err();
    let read = "role clerk: should get 403 insufficient_scope, scope write:orders, and the body of the \
                request was read";
    assert!(found.to_string().contains(read), "{found}");
}
