//! What is actix's own: ways to mount, listings, the order of extractors. Who passes, and what is
//! answered, is asked of every framework by the tests of the workspace.
#![expect(unsafe_code, reason = "the link section of records, which other crates get by macro")]

use std::future::{Ready, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceResponse};
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::DefaultHeaders;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Html;
use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder as _, ResponseError,
};

use super::extract::{Path, State};
use super::{App, Scope, web};
use crate::denied::Denied;
use crate::fixture::policy::{Policy, Role, Scope as Permission};
use crate::fixture::{TOKEN, verifier};
use crate::{Guard, public, requires};

#[requires(scope = "read:orders", route = "GET /orders", policy = crate::fixture::policy)]
async fn list_orders(guard: Guard<list_orders>) -> String {
    format!("orders of {}", guard.subject())
}

#[requires(scope = "write:orders", route = "POST /orders", policy = crate::fixture::policy)]
async fn place_order() -> &'static str {
    "placed"
}

#[requires(scope = "read:orders", route = "GET /files/{*path}", policy = crate::fixture::policy)]
async fn show_file(Path(path): Path<String>) -> String {
    path
}

#[public(reason = "load balancer probe", policy = crate::fixture::policy)]
async fn health(State(name): State<&'static str>) -> &'static str {
    name
}

#[public(reason = "the same place", route = "GET /orders", policy = crate::fixture::policy)]
async fn list_too() -> &'static str {
    "too"
}

#[requires(scope = "read:orders", policy = crate::fixture::policy)]
async fn list_too_many() -> &'static str {
    "too many"
}

fn shop() -> App<Policy> {
    App::new().mount(list_orders).service(place_order).mount(show_file)
}

fn get_of(path: &str) -> TestRequest {
    TestRequest::with_uri(path)
}

/// The request with a token that the verifier accepts.
fn by_clerk(request: TestRequest) -> TestRequest {
    request.append_header((AUTHORIZATION, format!("Bearer {TOKEN}")))
}

/// Status and body. A macro, since the type of actix's requests can't be named here.
macro_rules! ask {
    ($app:expr, $request:expr) => {
        async { read(call_service($app, $request.to_request()).await).await }
    };
}

async fn read<B: MessageBody>(response: ServiceResponse<B>) -> (u16, String) {
    let status = response.status().as_u16();
    (status, String::from_utf8(read_body(response).await.to_vec()).unwrap())
}

fn listing(app: &App<Policy>) -> Vec<String> {
    app.routes().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_mounted_handler_answers_where_it_says() {
    assert_eq!(
        listing(&shop()),
        [
            "GET /orders authz_core::actix::tests::list_orders",
            "POST /orders authz_core::actix::tests::place_order",
            "GET /files/{path:.+} authz_core::actix::tests::show_file",
        ]
    );
    let app = init_service(shop().secured_by(verifier())).await;
    let listed = ask!(&app, by_clerk(get_of("/orders"))).await;
    assert_eq!(listed, (200, "orders of somebody".to_owned()));
    let file = ask!(&app, by_clerk(get_of("/files/a/b"))).await;
    assert_eq!(file, (200, "a/b".to_owned()));
    assert_eq!(ask!(&app, get_of("/orders").method(Method::POST)).await.0, 401);
    assert_eq!(ask!(&app, by_clerk(get_of("/orders").method(Method::POST))).await.0, 403);
    assert_eq!(ask!(&app, by_clerk(get_of("/orders").method(Method::PUT))).await.0, 404);
    assert_eq!(ask!(&app, by_clerk(get_of("/"))).await.0, 404);
}

#[tokio::test]
async fn scopes_resources_and_data_are_those_of_actix() {
    let orders = web::resource("orders").name("orders").route(web::get().to(health));
    let shop = web::scope("/v1")
        .service(orders)
        .route("/health", web::to(health))
        .default_service(web::to(health))
        .with_state("inner")
        .wrap(DefaultHeaders::new().add(("x-seen", "yes")));
    let app = App::<Policy>::new()
        .service(shop)
        .route("/health", web::method(Method::GET).to(health))
        .with_state("outer");
    assert_eq!(
        listing(&app),
        [
            "GET /v1/orders authz_core::actix::tests::health",
            "* /v1/health authz_core::actix::tests::health",
            "* /v1 (fallback) authz_core::actix::tests::health",
            "GET /health authz_core::actix::tests::health",
        ]
    );
    let app = init_service(app.secured_by(verifier())).await;
    for (path, status, body) in [
        ("/v1/orders", 200, "inner"),
        ("/v1/health", 200, "inner"),
        ("/v1/nothing", 200, "inner"),
        ("/health", 200, "outer"),
        ("/nothing", 404, ""),
    ] {
        assert_eq!(ask!(&app, get_of(path)).await, (status, body.to_owned()), "{path}");
    }
    assert_eq!(ask!(&app, get_of("/v1/orders").method(Method::POST)).await.0, 405);
    let seen = call_service(&app, get_of("/v1/orders").to_request()).await;
    assert_eq!(seen.headers().get("x-seen").unwrap(), "yes");
}

#[tokio::test]
async fn a_state_that_nobody_gave_is_a_fault_of_the_program() {
    let app = App::<Policy>::new().route("/health", web::get().to(health)).secured_by(verifier());
    assert_eq!(ask!(&init_service(app).await, get_of("/health")).await.0, 500);
}

#[tokio::test]
async fn a_scope_goes_into_an_app_of_actix_with_its_verifier() {
    let scope: Scope<Policy> = web::scope("").service(list_orders);
    let app = init_service(actix_web::App::new().service(scope.secured_by(verifier()))).await;
    assert_eq!(ask!(&app, get_of("/orders")).await.0, 401);
    assert_eq!(ask!(&app, by_clerk(get_of("/orders"))).await.0, 200);
}

#[tokio::test]
async fn on_a_route_of_actix_alone_the_guard_denies() {
    let route = actix_web::web::get().to(list_orders);
    let app = init_service(actix_web::App::new().route("/", route)).await;
    assert_eq!(ask!(&app, by_clerk(get_of("/"))).await.0, 401);
}

#[tokio::test]
async fn an_identity_that_a_middleware_verified_is_taken_and_checked() {
    let app = init_service(shop().secured_by(verifier())).await;
    let vouched = || crate::danger::Vouched::<Policy>::new("badges", "mia", 4_102_444_800);
    for (identity, status) in [
        (vouched().role(Role::Manager).scope(Permission::ReadOrders).build(), 200),
        (vouched().role(Role::Manager).build(), 403),
    ] {
        let request = get_of("/orders").to_request();
        request.extensions_mut().insert(identity);
        assert_eq!(call_service(&app, request).await.status().as_u16(), status);
    }
}

/// An argument that is told when it is made: before anything is polled.
struct Made;

impl FromRequest for Made {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let made = request.app_data::<std::rc::Rc<std::cell::Cell<u32>>>().unwrap();
        made.set(made.get() + 1);
        ready(Ok(Self))
    }
}

#[tokio::test]
async fn no_extractor_is_made_for_who_may_not() {
    #[requires(scope = "write:orders", policy = crate::fixture::policy)]
    async fn change(_: Made) -> &'static str {
        "changed"
    }
    #[requires(scope = "read:orders", policy = crate::fixture::policy)]
    async fn look(_: Made) -> &'static str {
        "seen"
    }
    let made = std::rc::Rc::new(std::cell::Cell::new(0_u32));
    let app = App::new()
        .route("/change", web::get().to(change))
        .route("/look", web::get().to(look))
        .app_data(std::rc::Rc::clone(&made))
        .secured_by(verifier());
    let app = init_service(app).await;
    assert_eq!(ask!(&app, get_of("/look")).await.0, 401);
    assert_eq!(ask!(&app, by_clerk(get_of("/change"))).await.0, 403);
    assert_eq!(made.get(), 0);
    assert_eq!(ask!(&app, by_clerk(get_of("/look"))).await.0, 200);
    assert_eq!(made.get(), 1);
}

#[tokio::test]
async fn a_middleware_finds_the_denial_in_the_response() {
    let app = init_service(shop().secured_by(verifier())).await;
    let response = call_service(&app, get_of("/orders").to_request()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let extensions = response.response().extensions();
    assert_eq!(extensions.get::<Denied>().unwrap().outcome(), "no_credentials");
}

#[tokio::test]
async fn on_denied_keeps_status_challenge_and_no_store() {
    let app = shop()
        .on_denied(|denied| {
            Html::new(format!("<p>{denied}</p>"))
                .customize()
                .with_status(StatusCode::OK)
                .insert_header((CACHE_CONTROL, "max-age=60"))
        })
        .secured_by(verifier())
        .wrap(DefaultHeaders::new().add((ACCESS_CONTROL_ALLOW_ORIGIN, "*")));
    let app = init_service(app).await;

    let response = call_service(&app, get_of("/orders").to_request()).await;
    let headers = response.headers();
    assert_eq!(headers.get(WWW_AUTHENTICATE).unwrap(), r#"Bearer realm="orders""#);
    assert_eq!(headers.get_all(CACHE_CONTROL).collect::<Vec<_>>(), ["no-store"]);
    assert_eq!(headers.get_all(CONTENT_TYPE).collect::<Vec<_>>(), ["text/html; charset=utf-8"]);
    assert_eq!(headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "*");
    assert_eq!(read(response).await, (401, "<p>authentication is required</p>".to_owned()));

    let change = by_clerk(get_of("/orders").method(Method::POST)).to_request();
    let response = call_service(&app, change).await;
    let challenge = response.headers().get(WWW_AUTHENTICATE).unwrap().to_str().unwrap();
    assert!(challenge.contains("write:orders"), "{challenge}");
    let sorry = "<p>the access token does not allow this</p>".to_owned();
    assert_eq!(read(response).await, (403, sorry));

    let listed = ask!(&app, by_clerk(get_of("/orders"))).await;
    assert_eq!(listed, (200, "orders of somebody".to_owned()));
}

#[tokio::test]
async fn on_denied_may_set_a_challenge_of_its_own() {
    let app = shop()
        .on_denied(|_| {
            HttpResponse::Ok().insert_header((WWW_AUTHENTICATE, "Bearer realm=\"mine\"")).finish()
        })
        .secured_by(verifier());
    let response = call_service(&init_service(app).await, get_of("/orders").to_request()).await;
    let challenges: Vec<_> = response.headers().get_all(WWW_AUTHENTICATE).collect();
    assert_eq!(challenges, [r#"Bearer realm="mine""#]);
    assert!(response.headers().get(CONTENT_TYPE).is_none(), "the body is no problem any more");
}

#[tokio::test]
async fn a_scope_keeps_its_on_denied() {
    let inner =
        web::scope("/inner").route("/", web::get().to(list_too_many)).on_denied(|_| "inner");
    let app = shop().service(inner).on_denied(|_| "outer").secured_by(verifier());
    let app = init_service(app).await;
    assert_eq!(ask!(&app, get_of("/orders")).await, (401, "outer".to_owned()));
    assert_eq!(ask!(&app, get_of("/inner/")).await, (401, "inner".to_owned()));
}

#[tokio::test]
async fn on_denied_covers_an_error_type_that_hands_the_denial_on() {
    #[derive(Debug)]
    enum ShopError {
        Denied(Denied),
        Hidden(Denied),
    }
    impl std::fmt::Display for ShopError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("denied")
        }
    }
    impl ResponseError for ShopError {
        fn error_response(&self) -> HttpResponse {
            match self {
                Self::Denied(denied) => denied.error_response(),
                // With another status it is not the answer to a denial any more.
                Self::Hidden(denied) => {
                    let mut response = denied.error_response();
                    *response.status_mut() = StatusCode::NOT_FOUND;
                    response
                }
            }
        }
    }
    #[public(reason = "a test", policy = crate::fixture::policy)]
    async fn denied() -> Result<&'static str, ShopError> {
        Err(ShopError::Denied(Denied::no_credentials()))
    }
    #[public(reason = "a test", policy = crate::fixture::policy)]
    async fn hidden() -> Result<&'static str, ShopError> {
        Err(ShopError::Hidden(Denied::no_credentials()))
    }

    let app = App::<Policy>::new()
        .route("/denied", web::get().to(denied))
        .route("/hidden", web::get().to(hidden))
        .on_denied(|_| "ours")
        .secured_by(verifier());
    let app = init_service(app).await;
    assert_eq!(ask!(&app, get_of("/denied")).await, (401, "ours".to_owned()));
    let (status, body) = ask!(&app, get_of("/hidden")).await;
    assert_eq!(status, 404);
    assert_ne!(body, "ours");
}

#[tokio::test]
async fn services_of_actix_are_recorded_with_their_reason() {
    let files =
        actix_web::web::resource("/logo").to(|| async { HttpResponse::ImATeapot().finish() });
    let app = App::<Policy>::new().public_service("it is printed on every letter", files);
    assert_eq!(listing(&app), ["* * public service: it is printed on every letter"]);
    assert_eq!(app.routes()[0].reason(), Some("it is printed on every letter"));
    assert!(app.routes()[0].function().is_none());
    let app = init_service(app.secured_by(verifier())).await;
    assert_eq!(ask!(&app, get_of("/logo")).await.0, 418);
}

#[test]
#[should_panic(expected = "a public service needs a reason")]
fn a_service_without_a_reason_is_refused() {
    let _ = App::<Policy>::new().public_service(" ", actix_web::web::resource("/"));
}

#[test]
#[should_panic(expected = "declares a route that another handler has: GET /orders")]
fn two_handlers_of_one_route_panic() {
    drop(shop().mount(list_too));
}

#[test]
#[should_panic(expected = "declares no route; write `route = \"GET /...\"`")]
fn a_handler_without_a_route_is_not_mounted() {
    drop(App::<Policy>::new().mount(health));
}

#[test]
#[should_panic(expected = "declares `GET /orders`; `mount` puts it there")]
fn another_path_than_the_declared_one_panics() {
    let app = App::new().route("/order", web::get().to(list_orders));
    let _ = app.secured_by(verifier());
}

#[test]
#[should_panic(expected = "is not where it declares: GET /shop/orders")]
fn a_prefix_that_the_declared_route_has_not_panics() {
    let _ = web::scope("/shop").service(list_orders).secured_by(verifier());
}

#[test]
#[should_panic(expected = "is not where it declares: PUT /orders")]
fn another_method_than_the_declared_one_panics() {
    let _ = App::new().route("/orders", web::put().to(list_orders)).secured_by(verifier());
}

#[test]
fn a_route_by_hand_that_is_the_declared_one_is_well() {
    let scope = web::scope("/files").route("/{path:.+}", web::get().to(show_file));
    let app = App::new().route("/orders", web::get().to(list_orders)).service(scope);
    let _ = app.secured_by(verifier());
}
