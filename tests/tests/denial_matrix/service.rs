//! What the matrix says of services that answer otherwise than their manifest promises.

use std::panic::panic_any;

use authz_core::axum::Router;
use authz_core::axum::routing::{any, get};
use authz_core::testing::{DenialMatrix, Endpoint};
use authz_core::token::ClaimMapping;
use authz_core::{Denied, Guard, public, requires};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use serde_json::json;

use authz_tests::policy::Policy;

#[requires(role = "clerk", scope = "write:orders", policy = authz_tests::policy)]
async fn place(_body: String) {}

#[requires(scope = "read:orders", policy = authz_tests::policy)]
async fn waits() {
    std::future::pending::<()>().await;
}

#[requires(scope = "read:orders", policy = authz_tests::policy)]
async fn panics() {
    panic_any("what a handler does is not the matrix's business");
}

/// Refuses in its body whom its guard has let pass.
#[requires(role = "clerk", acr = "gold", policy = authz_tests::policy)]
async fn refuses(guard: Guard<refuses>) -> Result<(), Denied> {
    guard.authorize::<left_over>().map(drop)
}

#[requires(mfa, policy = authz_tests::policy)]
async fn left_over() {}

#[requires(bound, policy = authz_tests::policy)]
async fn other_method() {}

#[public(reason = "anybody may look", policy = authz_tests::policy)]
async fn open() -> StatusCode {
    StatusCode::FORBIDDEN
}

fn places() -> Router<Policy> {
    Router::new().route("/orders/{id}", get(place))
}

async fn findings(matrix: DenialMatrix<Policy>) -> String {
    matrix.check().await.unwrap_err().to_string()
}

#[tokio::test]
async fn whatever_a_handler_does_the_guard_let_it() {
    let router = Router::new()
        .route("/waits", get(waits))
        .route("/panics", get(panics))
        .route("/refuses", get(refuses))
        .route("/open", get(open));
    DenialMatrix::from(router).await;
}

#[tokio::test]
async fn fallbacks_other_methods_and_nested_routes_are_reached() {
    let nested = Router::new().route("/all", any(refuses)).fallback(waits);
    let router = places()
        .nest("/shop", nested)
        .fallback(left_over)
        .method_not_allowed_fallback(other_method)
        .public_service(
            "/files",
            "anybody may",
            tower::service_fn(async |_: Request| Ok(Response::new(Body::empty()))),
        );
    let matrix = DenialMatrix::from(router);
    let table = matrix.table();
    for place in [
        "\nGET /orders/{id} denial_matrix::service::place (requires)\n",
        "\n* /shop/all denial_matrix::service::refuses (requires)\n",
        "\n(fallback) /shop denial_matrix::service::waits (requires)\n",
        "\n(fallback) / denial_matrix::service::left_over (requires)\n",
        "\n(method not allowed) / denial_matrix::service::other_method (requires)\n",
        "\n* /files public service: anybody may\n  passes: anybody\n",
        "\ndenial_matrix::service::panics (requires), by no route of the router\n",
    ] {
        assert!(table.contains(place), "{place}{table}");
    }
    matrix.await;
}

#[tokio::test]
async fn who_answers_before_the_guard_is_found() {
    let answers = from_fn(async |_: Request, _: Next| StatusCode::FORBIDDEN.into_response());
    let found = findings(DenialMatrix::from(places().layer(answers))).await;
    let passes = "GET /orders/{id} (denial_matrix::service::place): role clerk, scope write:orders: \
                  should pass, and no guard of the function was asked: answered 403";
    let refused = "role clerk: should get 403 insufficient_scope, scope write:orders, and no guard of \
                   the function was asked: answered 403";
    let nobody = "no credentials: should get 401, and was answered 403";
    assert!([passes, refused, nobody].iter().all(|one| found.contains(one)), "{found}");
}

#[tokio::test]
async fn who_reads_the_body_before_the_guard_is_found() {
    let reads = from_fn(async |request: Request, next: Next| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1024).await.unwrap();
        next.run(Request::from_parts(parts, Body::from(body))).await
    });
    let found = findings(DenialMatrix::from(places().layer(reads))).await;
    for who in ["role clerk", "no credentials", "an expired token"] {
        let read = format!("{who}: should get ");
        let line = found.lines().find(|line| line.contains(&read)).unwrap();
        assert!(line.ends_with(", and the body of the request was read"), "{line}");
    }
}

#[tokio::test]
async fn another_challenge_is_found() {
    let other = |challenge: &'static str| {
        let changes = from_fn(async move |request: Request, next: Next| {
            let mut response = next.run(request).await;
            if response.headers().contains_key(WWW_AUTHENTICATE) {
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge.parse().unwrap());
            }
            response
        });
        findings(DenialMatrix::from(places().layer(changes)))
    };
    for challenge in [
        "Bearer error=\"insufficient_scope\"",
        "Bearer error=\"insufficient_scope\", scope=\"write:orders pay:orders\"",
        "Bearer error=\"insufficient_scope\", scope=\"write:orders\", max_age=300",
        "Bearer error=\"insufficient_scope\", scope=\"write:orders\", acr_values=\"gold\"",
        "Bearer error=\"invalid_token\", scope=\"write:orders\"",
    ] {
        let found = other(challenge).await;
        let line = "role clerk: should get 403 insufficient_scope, scope write:orders, and was answered 403";
        assert!(found.contains(line), "{challenge}: {found}");
    }
}

#[tokio::test]
async fn a_guard_of_another_function_is_not_the_one() {
    // The table would say that `waits` answers there.
    let router = Router::new().route("/orders", get(place));
    let endpoint = Endpoint::new(waits_record(), http::Method::GET, "/orders");
    let matrix = DenialMatrix::of(vec![endpoint], |verifier| {
        let app = router.secured_by(verifier);
        move |request: Request<_>| {
            let answer = tower::ServiceExt::oneshot(app.clone(), request.map(Body::new));
            async { answer.await.unwrap() }
        }
    });
    let found = findings(matrix).await;
    assert!(
        found.contains("scope read:orders: should pass, and no guard of the function"),
        "{found}"
    );
}

fn waits_record() -> authz_core::manifest::Function {
    let manifest = authz_core::manifest().unwrap();
    manifest.functions.into_iter().find(|one| one.id.ends_with("service::waits")).unwrap()
}

#[tokio::test]
async fn a_middleware_gets_the_head_that_it_asks_for() {
    let asks = from_fn(async |request: Request, next: Next| {
        if request.headers().contains_key("x-tenant") {
            next.run(request).await
        } else {
            StatusCode::BAD_REQUEST.into_response()
        }
    });
    let router = || places().layer(asks.clone());
    let found = findings(DenialMatrix::from(router())).await;
    assert!(found.contains("answered 400"), "{found}");
    DenialMatrix::from(router())
        .request(|parts| drop(parts.headers.insert("x-tenant", "1".parse().unwrap())))
        .await;
}

#[tokio::test]
async fn values_of_names_in_paths_are_given() {
    let asks = from_fn(async |request: Request, next: Next| match request.uri().path() {
        "/orders/7" => next.run(request).await,
        other => panic!("{other}"),
    });
    DenialMatrix::from(places().layer(asks)).sample("id", "7").await;
}

#[tokio::test]
async fn the_tokens_of_another_issuer_are_written_as_the_test_says() {
    let keycloak =
        || DenialMatrix::from(places()).issuer(|it| it.claims(ClaimMapping::keycloak("orders")));
    let found = findings(keycloak()).await;
    let said = "say with `issuer` and `token` how the verifier takes its claims";
    assert!(found.contains(said), "{found}");
    keycloak()
        .token(|token| {
            let roles = json!({ "roles": token.roles() });
            token.claim("realm_access", roles).claim("azp", "till").claim("typ", "Bearer")
        })
        .await;
}

#[tokio::test]
async fn what_the_test_says_of_the_verifier_counts() {
    let matrix = DenialMatrix::from(places());
    matrix.verifier(|builder| builder.realm("orders").without_cache()).await;
}

#[tokio::test]
async fn an_exemption_has_to_be_needed_and_of_a_handler() {
    let place = "denial_matrix::service::place";
    let found = findings(DenialMatrix::from(places()).exempt(place, "why")).await;
    let needless =
        format!("`{place}` is exempt, and keeps what it promises; take the exemption away");
    assert!(found.contains(&needless), "{found}");
    let found = findings(DenialMatrix::from(places()).exempt("shop::gone", "why")).await;
    assert!(found.contains("`shop::gone` is exempt, and there is no such handler"), "{found}");
    let answers = from_fn(async |_: Request, _: Next| StatusCode::FORBIDDEN.into_response());
    let matrix = DenialMatrix::from(places().layer(answers)).exempt(place, "another one decides");
    assert!(matrix.table().ends_with(&format!("\n\nexempt\n  {place}: another one decides\n")));
    matrix.await;
}
