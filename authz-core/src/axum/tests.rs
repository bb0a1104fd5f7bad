//! Requests through guarded routers: who passes, what is answered, and what stays unread.
#![expect(unsafe_code, reason = "the link section of records, which other crates get by macro")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::{Json, Request, State};
use axum::handler::Handler;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE,
    WWW_AUTHENTICATE,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{from_fn, map_response};
use axum::response::{Html, IntoResponse, Response};
use http_body_util::BodyExt;
use tower::{ServiceExt, service_fn};

use super::gate::Mount;
use super::routing::{self, MethodFilter, MethodRouter, any, get, post};
use super::{Protected, Router};
use crate::audit::{By, Origin};
use crate::authenticator::{Authentication, Authenticator, Refusal};
use crate::clock::Clock;
use crate::danger::Vouched;
use crate::denied::{Cause, Denied};
use crate::fixture::policy::{Identity, Policy, Role, Scope};
use crate::fixture::{TOKEN, verifier};
use crate::http::{RequestHead, Slot};
use crate::identity::{Binding, Held, Text, Verified};
use crate::token::{ScopeSource, Taken};
use crate::vocabulary::{Bits, Vocabulary};
use crate::{Guard, public, requires};

#[requires(scope = "read:orders", policy = crate::fixture::policy)]
async fn list_orders(guard: Guard<list_orders>) -> String {
    format!("orders of {}", guard.subject())
}

#[requires(scope = "write:orders", policy = crate::fixture::policy)]
async fn place_order(Json(order): Json<u32>) -> String {
    format!("order {order}")
}

#[requires(role = "manager", mfa, policy = crate::fixture::policy)]
async fn refund() {}

#[requires(max_age = "5m", policy = crate::fixture::policy)]
async fn step_up() {}

#[public(reason = "load balancer probe", policy = crate::fixture::policy)]
async fn health() -> &'static str {
    "ok"
}

fn request(method: Method, path: &str) -> Request {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

fn get_of(path: &str) -> Request {
    request(Method::GET, path)
}

/// The request with a token that the verifier accepts.
fn by_clerk(mut request: Request) -> Request {
    let value = HeaderValue::try_from(format!("Bearer {TOKEN}")).unwrap();
    request.headers_mut().insert(AUTHORIZATION, value);
    request
}

fn with_header(mut request: Request, value: &'static str) -> Request {
    request.headers_mut().append(AUTHORIZATION, HeaderValue::from_static(value));
    request
}

/// The request with an identity, as a middleware leaves it.
fn by(identity: Identity, mut request: Request) -> Request {
    request.extensions_mut().insert(identity);
    request
}

async fn send(app: &axum::Router, request: Request) -> Response {
    app.clone().oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 4096).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// Whom [`TOKEN`] names.
fn clerk() -> Identity {
    identity(&[Role::Clerk], &[Scope::ReadOrders])
}

fn manager() -> Identity {
    identity(&[Role::Manager], &[Scope::ReadOrders, Scope::WriteOrders])
}

fn identity(roles: &[Role], scopes: &[Scope]) -> Identity {
    let identity = Identity::new(Verified {
        roles: held(roles),
        scopes: held(scopes),
        scopes_from: ScopeSource::Claim,
        mfa: false,
        mfa_classes: None,
        auth_time: None,
        issued_at: None,
        expires_at: u64::MAX,
        clock: Clock::System,
        issuer: Arc::from("https://issuer.example"),
        subject: Text::Owned(Box::from("somebody")),
        tenant: None,
        says_home: true,
        client: None,
        token_id: None,
        session_id: None,
        acr: None,
        amr: Vec::new(),
        binding: Binding::None,
        dpop: false,
        origin: Origin::new(By::Test),
        claims: Box::from("{}"),
    });
    identity.with_taken(Taken::by_a_test(true))
}

/// These alone, without what they include.
fn held<V: Vocabulary>(names: &[V]) -> Held<V> {
    let mut held = Held::<V>::NOTHING;
    for name in names {
        held.closed.insert(name.index());
    }
    held
}

fn shop() -> Router<Policy> {
    Router::new()
        .route("/orders", get(list_orders).post(place_order))
        .route("/refund", post(refund))
        .route("/step-up", post(step_up))
        .route("/health", get(health))
}

fn app() -> axum::Router {
    shop().secured_by(verifier())
}

/// Every route as one line.
fn listing<S>(router: &Router<Policy, S>) -> Vec<String>
where
    S: Clone + Send + Sync + 'static,
{
    let here = concat!(module_path!(), "::");
    router.routes().iter().map(|route| route.to_string().replace(here, "")).collect()
}

// Who passes.

#[tokio::test]
async fn a_token_with_the_right_scope_is_let_in() {
    let response = send(&app(), by_clerk(get_of("/orders"))).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, "orders of somebody");
}

#[tokio::test]
async fn an_identity_in_the_extensions_needs_no_token() {
    let response = send(&app(), by(clerk(), get_of("/orders"))).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_identity_in_the_extensions_is_checked_all_the_same() {
    let response = send(&app(), by(clerk(), request(Method::POST, "/orders"))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_public_handler_asks_for_no_token_and_reads_none() {
    for request in [get_of("/health"), with_header(get_of("/health"), "Bearer nonsense")] {
        let response = send(&app(), request).await;
        assert_eq!(text(response).await, "ok");
    }
}

// What is answered.

#[tokio::test]
async fn without_credentials_401_with_the_plain_challenge() {
    for request in [get_of("/orders"), with_header(get_of("/orders"), "Basic dXNlcjpwYXNz")] {
        let response = send(&app(), request).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(header(&response, WWW_AUTHENTICATE), Some(r#"Bearer realm="orders""#));
        assert_eq!(header(&response, CACHE_CONTROL), Some("no-store"));
        assert_eq!(header(&response, CONTENT_TYPE), Some("application/problem+json"));
        assert_eq!(
            text(response).await,
            r#"{"type":"urn:authz:problem:no-credentials","title":"Authentication required","status":401,"detail":"authentication is required"}"#
        );
    }
}

#[tokio::test]
async fn a_bad_token_401_invalid_token() {
    let response = send(&app(), with_header(get_of("/orders"), "Bearer a.b.c")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let challenge = header(&response, WWW_AUTHENTICATE).unwrap();
    assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
}

#[tokio::test]
async fn two_headers_400_invalid_request() {
    let request = with_header(by_clerk(get_of("/orders")), "Bearer a.b.c");
    let response = send(&app(), request).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let challenge = header(&response, WWW_AUTHENTICATE).unwrap();
    assert!(challenge.contains(r#"error="invalid_request""#), "{challenge}");
}

#[tokio::test]
async fn a_missing_scope_403_with_the_scope() {
    let response = send(&app(), by_clerk(request(Method::POST, "/orders"))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let challenge = header(&response, WWW_AUTHENTICATE).unwrap();
    assert!(challenge.ends_with(r#", scope="write:orders""#), "{challenge}");
}

#[tokio::test]
async fn a_missing_role_403_even_if_a_factor_is_missing_too() {
    let response = send(&app(), by_clerk(request(Method::POST, "/refund"))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_missing_factor_and_an_old_log_in_401() {
    for (path, identity) in [("/refund", manager()), ("/step-up", clerk())] {
        let response = send(&app(), by(identity, request(Method::POST, path))).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = header(&response, WWW_AUTHENTICATE).unwrap();
        assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
    }
}

#[tokio::test]
async fn no_verifier_503_and_no_challenge() {
    let response = call_without_verifier(list_orders, by_clerk(get_of("/orders"))).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&response, WWW_AUTHENTICATE), None);
    assert!(!text(response).await.contains("verifier"));
}

/// Calls a handler as it is mounted, before `secured_by`.
async fn call_without_verifier<H, T>(handler: H, request: Request) -> Response
where
    H: Protected<T, ()>,
    H::Access: Mount<H, T, ()>,
{
    H::Access::mount(handler, &Slot::new()).call(request, ()).await
}

#[tokio::test]
async fn a_backend_that_fails_503() {
    let denied = Denied::new(Cause::Unavailable { reason: "key server is down".to_owned() });
    let response = denied.into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&response, CACHE_CONTROL), Some("no-store"));
    assert!(!text(response).await.contains("key server"));
}

// What stays unread.

#[tokio::test]
async fn the_body_is_read_after_the_check_only() {
    for (identity, expected_status, expected_read) in [
        (None, StatusCode::UNAUTHORIZED, false),
        (Some(clerk()), StatusCode::FORBIDDEN, false),
        (Some(manager()), StatusCode::BAD_REQUEST, true),
    ] {
        let was_read = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&was_read);
        let body = Body::new(Body::from("no JSON").map_frame(move |frame| {
            flag.store(true, Ordering::Relaxed);
            frame
        }));
        let mut request =
            Request::post("/orders").header(CONTENT_TYPE, "application/json").body(body).unwrap();
        if let Some(identity) = identity {
            request.extensions_mut().insert(identity);
        }
        let response = send(&app(), request).await;
        assert_eq!(response.status(), expected_status);
        assert_eq!(was_read.load(Ordering::Relaxed), expected_read);
    }
}

#[tokio::test]
async fn a_guard_on_a_router_of_axum_denies_too() {
    let app = axum::Router::new().route("/orders", axum::routing::get(list_orders));
    let response = send(&app, by_clerk(get_of("/orders"))).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let response = send(&app, by(clerk(), get_of("/orders"))).await;
    assert_eq!(response.status(), StatusCode::OK);
}

// Methods: HEAD, 404 and 405 are axum's.

#[tokio::test]
async fn head_is_guarded_like_get() {
    let app = app();
    let denied = send(&app, request(Method::HEAD, "/orders")).await;
    assert_eq!(denied.status(), StatusCode::UNAUTHORIZED);
    let granted = send(&app, by_clerk(request(Method::HEAD, "/orders"))).await;
    assert_eq!(granted.status(), StatusCode::OK);
    assert_eq!(text(granted).await, "");
}

#[tokio::test]
async fn an_unknown_path_is_404_and_an_unknown_method_405() {
    let app = app();
    assert_eq!(send(&app, get_of("/nothing")).await.status(), StatusCode::NOT_FOUND);
    let response = send(&app, request(Method::DELETE, "/orders")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&response, ALLOW), Some("GET,HEAD,POST"));
}

#[tokio::test]
async fn every_way_to_route_a_method_is_guarded() {
    let routers: [(Method, MethodRouter<(), Policy>); 13] = [
        (Method::CONNECT, routing::connect(list_orders)),
        (Method::DELETE, routing::delete(list_orders)),
        (Method::GET, get(list_orders)),
        (Method::HEAD, routing::head(list_orders)),
        (Method::OPTIONS, routing::options(list_orders)),
        (Method::PATCH, routing::patch(list_orders)),
        (Method::POST, post(list_orders)),
        (Method::PUT, routing::put(list_orders)),
        (Method::TRACE, routing::trace(list_orders)),
        (Method::PUT, any(list_orders)),
        (Method::PUT, routing::on(MethodFilter::PUT.or(MethodFilter::POST), list_orders)),
        (Method::PUT, get(health).fallback(list_orders)),
        (Method::PUT, get(health).merge(routing::put(list_orders))),
    ];
    for (method, router) in routers {
        let app = Router::new().route("/orders", router).secured_by(verifier());
        let denied = send(&app, request(method.clone(), "/orders")).await;
        assert_eq!(denied.status(), StatusCode::UNAUTHORIZED, "{method}");
        let granted = send(&app, by_clerk(request(method.clone(), "/orders"))).await;
        assert_eq!(granted.status(), StatusCode::OK, "{method}");
    }
}

#[tokio::test]
async fn every_chained_method_is_guarded() {
    let app = Router::new()
        .route(
            "/orders",
            MethodRouter::new()
                .connect(list_orders)
                .delete(list_orders)
                .get(list_orders)
                .head(list_orders)
                .options(list_orders)
                .patch(list_orders)
                .post(list_orders)
                .put(list_orders)
                .trace(list_orders),
        )
        .secured_by(verifier());
    for method in ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"] {
        let method: Method = method.parse().unwrap();
        let denied = send(&app, request(method.clone(), "/orders")).await;
        assert_eq!(denied.status(), StatusCode::UNAUTHORIZED, "{method}");
        let granted = send(&app, by_clerk(request(method.clone(), "/orders"))).await;
        assert_eq!(granted.status(), StatusCode::OK, "{method}");
    }
}

// Composition keeps guards and records.

#[tokio::test]
async fn nest_and_merge_keep_guards_and_records() {
    let reports = Router::new().route("/", get(list_orders)).route("/all", get(list_orders));
    let router = shop().nest("/reports", reports).merge(Router::new().route("/more", get(health)));
    assert_eq!(
        listing(&router),
        [
            "GET /orders list_orders",
            "POST /orders place_order",
            "POST /refund refund",
            "POST /step-up step_up",
            "GET /health health",
            "GET /reports list_orders",
            "GET /reports/all list_orders",
            "GET /more health",
        ]
    );

    let app = router.secured_by(verifier());
    for path in ["/reports", "/reports/all"] {
        assert_eq!(send(&app, get_of(path)).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(send(&app, by_clerk(get_of(path))).await.status(), StatusCode::OK);
    }
    assert_eq!(send(&app, get_of("/more")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn one_handler_in_two_routers_is_guarded_by_the_verifier_of_each() {
    let mount = || Router::new().route("/orders", get(list_orders));
    let keys = crate::token::KeySet::from_secret(
        b"another secret of the unit tests, as long",
        crate::token::Algorithm::Hs256,
    )
    .unwrap();
    let other = crate::fixture::policy::Verifier::builder()
        .issuer(crate::token::Issuer::new("https://issuer.example", keys))
        .audience("orders")
        .build()
        .unwrap();
    let (first, second) = (mount().secured_by(verifier()), mount().secured_by(other));
    assert_eq!(send(&first, by_clerk(get_of("/orders"))).await.status(), StatusCode::OK);
    assert_eq!(send(&second, by_clerk(get_of("/orders"))).await.status(), StatusCode::UNAUTHORIZED);
    for app in [first, second] {
        assert_eq!(send(&app, get_of("/orders")).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn fallbacks_are_guarded_and_recorded() {
    let router = shop().fallback(list_orders).method_not_allowed_fallback(list_orders);
    assert_eq!(
        listing(&router).split_off(5),
        ["* / (fallback) list_orders", "* / (method not allowed) list_orders",]
    );

    let app = router.secured_by(verifier());
    for request in [get_of("/nothing"), request(Method::DELETE, "/orders")] {
        let (parts, _) = request.into_parts();
        let again = || Request::from_parts(parts.clone(), Body::empty());
        assert_eq!(send(&app, again()).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(send(&app, by_clerk(again())).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn the_last_fallback_counts_and_a_reset_removes_it() {
    let router = shop().fallback(list_orders).fallback(health);
    assert_eq!(listing(&router).split_off(5), ["* / (fallback) health"]);
    let app = router.reset_fallback();
    assert_eq!(app.routes().len(), 5);
    let response = send(&app.secured_by(verifier()), get_of("/nothing")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn layers_and_state_keep_guards_and_records() {
    #[requires(scope = "read:orders", policy = crate::fixture::policy)]
    async fn stock(State(stock): State<u32>) -> String {
        stock.to_string()
    }
    let router = Router::new()
        .route("/stock", get(stock).layer(from_fn(pass)).route_layer(from_fn(pass)))
        .route("/other", get(list_orders).with_state::<u32>(()))
        .layer(from_fn(pass))
        .route_layer(from_fn(pass))
        .with_state::<()>(7);
    assert_eq!(listing(&router), ["GET /stock stock", "GET /other list_orders"]);

    let app = router.secured_by(verifier());
    for path in ["/stock", "/other"] {
        assert_eq!(send(&app, get_of(path)).await.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(text(send(&app, by_clerk(get_of("/stock"))).await).await, "7");
}

async fn pass(request: Request, next: axum::middleware::Next) -> Response {
    next.run(request).await
}

#[tokio::test]
async fn a_layer_can_provide_the_identity() {
    let verifier = verifier();
    let lenient = verifier.clone();
    let app = shop()
        .layer(from_fn(move |mut request: Request, next: axum::middleware::Next| {
            let verifier = lenient.clone();
            async move {
                if let Ok(identity) = verifier.authenticate(RequestHead::of(&request)).await {
                    request.extensions_mut().insert(identity);
                }
                next.run(request).await
            }
        }))
        .secured_by(verifier);
    assert_eq!(send(&app, by_clerk(get_of("/orders"))).await.status(), StatusCode::OK);
    assert_eq!(send(&app, get_of("/orders")).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn services_are_recorded_with_their_reason() {
    let teapot =
        service_fn(async |_: Request| Ok::<_, std::convert::Infallible>(StatusCode::IM_A_TEAPOT));
    let router = Router::<Policy>::new()
        .public_service("/logo", "it is printed on every letter", teapot)
        .nest_public_service("/static", "the files of the log-in page", teapot)
        .fallback_public_service("the single-page application", teapot);
    assert_eq!(
        listing(&router),
        [
            "* /logo public service: it is printed on every letter",
            "* /static/{*rest} public service: the files of the log-in page",
            "* / (fallback) public service: the single-page application",
        ]
    );
    assert_eq!(router.routes()[0].reason(), Some("it is printed on every letter"));
    assert!(router.routes()[0].function().is_none());

    let app = router.secured_by(verifier());
    for path in ["/logo", "/static/a/b", "/nothing"] {
        assert_eq!(send(&app, get_of(path)).await.status(), StatusCode::IM_A_TEAPOT);
    }
}

#[test]
#[should_panic(expected = "a public service needs a reason")]
fn a_service_without_a_reason_is_refused() {
    let service =
        service_fn(async |_: Request| Ok::<_, std::convert::Infallible>(StatusCode::IM_A_TEAPOT));
    let _ = Router::<Policy>::new().public_service("/logo", " ", service);
}

#[test]
fn a_record_knows_its_function() {
    let router = shop();
    let route = router.routes().last().unwrap();
    assert_eq!(route.path(), "/health");
    assert_eq!(route.function().unwrap().id(), "authz_core::axum::tests::health");
    assert_eq!(route.reason(), Some("load balancer probe"));
    assert!(!route.is_fallback());
    assert_eq!(route.methods(), super::Methods::Only(MethodFilter::GET));
    assert_eq!(function_of(&list_orders).id(), "authz_core::axum::tests::list_orders");
}

fn function_of<H, T>(_: &H) -> &'static crate::registry::Function
where
    H: Protected<T, ()>,
    H::Access: Mount<H, T, ()>,
{
    H::function()
}

// Denials in the words of the application.

#[tokio::test]
async fn on_denied_keeps_status_challenge_and_no_store() {
    let app = shop()
        .layer(map_response(async |mut response: Response| {
            let any = HeaderValue::from_static("*");
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, any);
            response
        }))
        .on_denied(|denied| {
            (StatusCode::OK, [(CACHE_CONTROL, "max-age=60")], Html(format!("<p>{denied}</p>")))
        })
        .secured_by(verifier());

    let response = send(&app, get_of("/orders")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(header(&response, WWW_AUTHENTICATE), Some(r#"Bearer realm="orders""#));
    assert_eq!(header(&response, CACHE_CONTROL), Some("no-store"));
    assert_eq!(header(&response, CONTENT_TYPE), Some("text/html; charset=utf-8"));
    assert_eq!(header(&response, ACCESS_CONTROL_ALLOW_ORIGIN), Some("*"));
    assert_eq!(header(&response, CONTENT_LENGTH), Some("33"));
    assert_eq!(text(response).await, "<p>authentication is required</p>");

    let response = send(&app, by_clerk(request(Method::POST, "/orders"))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(header(&response, WWW_AUTHENTICATE).unwrap().contains("write:orders"));
    assert_eq!(text(response).await, "<p>the access token does not allow this</p>");

    let response = send(&app, by_clerk(get_of("/orders"))).await;
    assert_eq!(text(response).await, "orders of somebody");
}

#[tokio::test]
async fn on_denied_may_set_a_challenge_of_its_own() {
    let app =
        shop().on_denied(|_| [(WWW_AUTHENTICATE, "Bearer realm=\"mine\"")]).secured_by(verifier());
    let response = send(&app, get_of("/orders")).await;
    assert_eq!(header(&response, WWW_AUTHENTICATE), Some("Bearer realm=\"mine\""));
    assert_eq!(response.headers().get_all(WWW_AUTHENTICATE).iter().count(), 1);
    assert_eq!(header(&response, CONTENT_TYPE), None, "the body is no problem any more");
}

#[tokio::test]
async fn an_inner_router_keeps_its_on_denied() {
    let app = shop()
        .nest("/inner", shop().on_denied(|_| "inner"))
        .merge(Router::new().route("/merged", get(list_orders)).on_denied(|_| "merged"))
        .on_denied(|_| "outer")
        .secured_by(verifier());
    for (path, expected) in
        [("/orders", "outer"), ("/inner/orders", "inner"), ("/merged", "merged")]
    {
        assert_eq!(text(send(&app, get_of(path)).await).await, expected);
    }
}

#[tokio::test]
async fn on_denied_covers_an_error_type_that_hands_the_denial_on() {
    enum ShopError {
        Denied(Denied),
        Hidden(Denied),
    }
    impl IntoResponse for ShopError {
        fn into_response(self) -> Response {
            match self {
                Self::Denied(denied) => denied.into_response(),
                // With another status it is not the answer to a denial any more.
                Self::Hidden(denied) => (StatusCode::NOT_FOUND, denied).into_response(),
            }
        }
    }
    #[public(reason = "a test", policy = crate::fixture::policy)]
    async fn denied() -> Result<(), ShopError> {
        Err(ShopError::Denied(Denied::no_credentials()))
    }
    #[public(reason = "a test", policy = crate::fixture::policy)]
    async fn hidden() -> Result<(), ShopError> {
        Err(ShopError::Hidden(Denied::no_credentials()))
    }

    let app = Router::new()
        .route("/denied", get(denied))
        .route("/hidden", get(hidden))
        .on_denied(|_| "ours")
        .secured_by(verifier());
    assert_eq!(text(send(&app, get_of("/denied")).await).await, "ours");
    let response = send(&app, get_of("/hidden")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_ne!(text(response).await, "ours");
}

#[tokio::test]
async fn a_middleware_finds_the_denial_in_the_response() {
    let response = send(&app(), by_clerk(request(Method::POST, "/orders"))).await;
    let denied = response.extensions().get::<Denied>().unwrap();
    assert_eq!(denied.outcome(), "insufficient_scope");
}

// Other credentials than tokens.

/// Knows one secret, and is asked about it in another task.
struct Badge;

impl Authenticator<Policy> for Badge {
    fn authenticate<'a>(&'a self, head: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async move {
            let Some(badge) = head.headers().get("badge") else {
                return Ok(None);
            };
            let badge = badge.to_str().unwrap().to_owned();
            match tokio::spawn(async move { badge }).await.unwrap().as_str() {
                "manager" => {
                    let vouched = Vouched::new("badges", "mia", 4_102_444_800);
                    Ok(Some(vouched.role(Role::Manager).scope(Scope::ReadOrders).build()))
                }
                "forged" => Err(Refusal::cross_site("sent by evil.example")),
                "down" => Err(Refusal::unavailable("the badge server is down")),
                "torn" => Err(Refusal::malformed("half a badge")),
                _ => Err(Refusal::invalid("no such badge")),
            }
        })
    }
}

fn with_badge(badge: &str, mut request: Request) -> Request {
    request.headers_mut().insert("badge", HeaderValue::try_from(badge).unwrap());
    request
}

/// A router of one route, with this verifier.
fn orders_with(verifier: crate::fixture::policy::Verifier) -> axum::Router {
    Router::new().route("/orders", get(list_orders).post(place_order)).secured_by(verifier)
}

#[tokio::test]
async fn an_authenticator_is_asked_before_a_token_is_looked_for() {
    let app = orders_with(verifier().after(Badge));
    let response = send(&app, with_badge("manager", by_clerk(get_of("/orders")))).await;
    assert_eq!(text(response).await, "orders of mia");
    // The guard asks the same of everybody.
    let response = send(&app, with_badge("manager", request(Method::POST, "/orders"))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_credentials_of_its_kind_the_next_one_is_asked() {
    let app = orders_with(verifier().after(Badge));
    assert_eq!(text(send(&app, by_clerk(get_of("/orders"))).await).await, "orders of somebody");
    let response = send(&app, get_of("/orders")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()[WWW_AUTHENTICATE], r#"Bearer realm="orders""#);
}

#[tokio::test]
async fn a_refusal_is_final_and_has_its_status_and_the_realm_of_the_verifier() {
    let app = orders_with(verifier().after(Badge));
    for (badge, status) in [("forged", 403), ("down", 503), ("torn", 400), ("unknown", 401)] {
        let request = with_badge(badge, by_clerk(get_of("/orders")));
        let response = send(&app, request).await;
        assert_eq!(response.status(), status, "{badge}");
        let denied = response.extensions().get::<Denied>().unwrap();
        assert_eq!(denied.is_unavailable(), badge == "down");
        let challenge = response.headers().get(WWW_AUTHENTICATE);
        assert_eq!(challenge.is_some(), matches!(badge, "torn" | "unknown"));
        if let Some(challenge) = challenge {
            assert!(challenge.to_str().unwrap().starts_with(r#"Bearer realm="orders", error="#));
        }
        let body = text(response).await;
        assert!(!body.contains("badge") && !body.contains("evil"), "{body}");
    }
}

#[tokio::test]
async fn a_verifier_of_an_authenticator_alone_refuses_every_token() {
    let app = orders_with(crate::fixture::policy::Verifier::of(Badge));
    let response = send(&app, with_badge("manager", get_of("/orders"))).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(send(&app, by_clerk(get_of("/orders"))).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(send(&app, get_of("/orders")).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_authenticator_added_last_is_asked_first() {
    struct Nobody;
    impl Authenticator<Policy> for Nobody {
        fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, Policy> {
            Box::pin(async { Err(Refusal::invalid("nobody at all")) })
        }
    }
    let request = || with_badge("manager", get_of("/orders"));
    let badge_first = orders_with(verifier().after(Nobody).after(Badge));
    assert_eq!(send(&badge_first, request()).await.status(), StatusCode::OK);
    let nobody_first = orders_with(verifier().after(Badge).after(Nobody));
    assert_eq!(send(&nobody_first, request()).await.status(), StatusCode::UNAUTHORIZED);
}

// Shapes of handlers.

#[tokio::test]
async fn sixteen_arguments_are_taken() {
    #[requires(scope = "read:orders", policy = crate::fixture::policy)]
    #[expect(clippy::too_many_arguments, reason = "as many as axum takes")]
    async fn many(
        guard: Guard<many>,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        _: Method,
        body: String,
    ) -> String {
        format!("{} sent {body}", guard.subject())
    }
    let app = Router::new().route("/", post(many)).secured_by(verifier());
    let request = Request::post("/").body(Body::from("much")).unwrap();
    assert_eq!(text(send(&app, by_clerk(request)).await).await, "somebody sent much");
}

#[requires(scope = "write:orders", route = "POST /orders", policy = crate::fixture::policy)]
async fn declared() -> &'static str {
    "declared"
}

#[public(reason = "the same place", route = "POST /orders", policy = crate::fixture::policy)]
async fn declared_too() {}

#[test]
fn a_declared_route_is_in_the_record() {
    use crate::{Guarded, OpenToAll};
    assert_eq!(declared::FUNCTION.route(), Some("POST /orders"));
    assert_eq!(declared_too::FUNCTION.route(), Some("POST /orders"));
    assert_eq!(list_orders::FUNCTION.route(), None);
}

#[tokio::test]
async fn a_mounted_handler_answers_where_it_says() {
    let router: Router<Policy> = Router::new().mount(declared);
    assert_eq!(router.routes()[0].to_string(), format!("POST /orders {}", id_of_declared()));
    let app = router.secured_by(verifier());
    let refused = app.clone().oneshot(request(Method::POST, "/orders")).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let other = app.oneshot(get_of("/orders")).await.unwrap();
    assert_eq!(other.status(), StatusCode::METHOD_NOT_ALLOWED);
}

fn id_of_declared() -> &'static str {
    <declared as crate::Guarded>::FUNCTION.id()
}

#[test]
fn a_route_by_hand_that_is_the_declared_one_is_well() {
    let router: Router<Policy> = Router::new().route("/orders", get(list_orders).post(declared));
    drop(router.secured_by(verifier()));
    let nested: Router<Policy> =
        Router::new().merge(Router::new().route("/orders", post(declared)));
    drop(nested.secured_by(verifier()));
}

#[test]
#[should_panic(expected = "is not where it declares: PUT /orders")]
fn another_method_than_the_declared_one_panics() {
    let router: Router<Policy> = Router::new().route("/orders", routing::put(declared));
    drop(router.secured_by(verifier()));
}

#[test]
#[should_panic(expected = "declares `POST /orders`; `mount` puts it there")]
fn another_path_than_the_declared_one_panics() {
    let router: Router<Policy> = Router::new().route("/order", post(declared));
    drop(router.secured_by(verifier()));
}

#[test]
#[should_panic(expected = "is not where it declares: POST /shop/orders")]
fn a_prefix_that_the_declared_route_has_not_panics() {
    let router: Router<Policy> = Router::new().nest("/shop", Router::new().mount(declared));
    drop(router.secured_by(verifier()));
}

#[test]
#[should_panic(expected = "is not where it declares: GET,POST /orders")]
fn more_methods_than_the_declared_one_panic() {
    let filter = MethodFilter::GET.or(MethodFilter::POST);
    let router: Router<Policy> = Router::new().route("/orders", routing::on(filter, declared));
    drop(router.secured_by(verifier()));
}

#[test]
#[should_panic(expected = "is not where it declares: * / (fallback)")]
fn a_handler_with_a_route_is_no_fallback() {
    let router: Router<Policy> = Router::new().fallback(declared);
    drop(router.secured_by(verifier()));
}

#[test]
#[should_panic(expected = "declares a route that another handler has: POST /orders")]
fn two_handlers_of_one_route_panic() {
    drop(Router::<Policy>::new().mount(declared).mount(declared_too));
}

#[test]
#[should_panic(expected = "declares no route; write `route = \"GET /...\"`")]
fn a_handler_without_a_route_is_not_mounted() {
    drop(Router::<Policy>::new().mount(list_orders));
}
