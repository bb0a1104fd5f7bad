//! What is tonic's own: paths, kinds of methods, interceptors and layers, and the status of a denial.
//! Who passes, and what is answered, is asked of every framework by the tests of the workspace.
#![expect(unsafe_code, reason = "the link section of records, which other crates get by macro")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::header::AUTHORIZATION;
use http_body_util::{BodyExt as _, Full};
use prost::Message;
use shop_proto::oddities_server::{Oddities, OdditiesServer};
use shop_proto::orders_server::{Orders, OrdersServer};
use shop_proto::{Ack, Messages, NewOrder, Order};
use tonic::service::LayerExt as _;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use super::{RequestExt as _, Routes};
use crate::denied::{Cause, Denied, Realm};
use crate::fixture::policy::Policy;
use crate::fixture::{TOKEN, verifier};
use crate::requirement::Missing;
use crate::{public, requires};

/// A shop that counts how often a method of it ran.
#[derive(Clone, Default)]
struct Shop(Arc<AtomicUsize>);

impl Shop {
    fn ran(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[requires(server = OrdersServer, policy = crate::fixture::policy)]
#[tonic::async_trait]
impl Orders for Shop {
    #[requires(scope = "write:orders")]
    async fn place_order(&self, _: Request<NewOrder>) -> Result<Response<Order>, Status> {
        self.ran();
        Ok(Response::new(Order::default()))
    }

    type ListOrdersStream = Messages<Order>;

    #[requires(scope = "read:orders")]
    async fn list_orders(
        &self,
        request: Request<Ack>,
    ) -> Result<Response<Messages<Order>>, Status> {
        self.ran();
        let taken_by = request.identity::<Policy>()?.subject().to_owned();
        let orders = [7, 8].map(|id| Order { id, taken_by: taken_by.clone(), ..Order::default() });
        Ok(Response::new(Messages::from(orders.to_vec())))
    }

    #[requires(role = "clerk")]
    async fn import_orders(
        &self,
        mut request: Request<Streaming<NewOrder>>,
    ) -> Result<Response<Ack>, Status> {
        while request.get_mut().message().await?.is_some() {
            self.ran();
        }
        Ok(Response::new(Ack {}))
    }

    type FollowOrdersStream = Messages<Order>;

    #[requires(role = "manager")]
    async fn follow_orders(
        &self,
        _: Request<Streaming<Order>>,
    ) -> Result<Response<Messages<Order>>, Status> {
        self.ran();
        Ok(Response::new(Messages::default()))
    }

    #[public(reason = "tells when the shop is open", route = "POST /shop.v1.Orders/OpeningHours")]
    async fn opening_hours(&self, request: Request<Ack>) -> Result<Response<Ack>, Status> {
        self.ran();
        assert_eq!(request.identity::<Policy>().unwrap_err().outcome(), "no_credentials");
        Ok(Response::new(Ack {}))
    }
}

#[requires(role = "clerk", server = OdditiesServer, policy = crate::fixture::policy)]
#[tonic::async_trait]
impl Oddities for Shop {
    #[requires]
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        self.ran();
        Ok(Response::new(Ack {}))
    }

    #[requires(role = "manager")]
    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        self.ran();
        Ok(Response::new(Ack {}))
    }

    #[requires(scope = "read:orders", route = "POST /shop.v1.Oddities/list_V2Orders")]
    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        self.ran();
        Ok(Response::new(Ack {}))
    }
}

fn routes(shop: &Shop) -> Routes<Policy> {
    Routes::new().mount(OrdersServer::new(shop.clone())).mount(OdditiesServer::new(shop.clone()))
}

/// A message as it stands in a body.
fn framed(message: &impl Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, &message].concat()
}

/// The code, and the bytes of the answer.
async fn call(routes: tonic::service::Routes, path: &str, token: Option<&str>) -> (Code, Vec<u8>) {
    let body = [framed(&NewOrder::default()), framed(&NewOrder::default())].concat();
    // A unary call has one message.
    let one = !path.ends_with("ImportOrders") && !path.ends_with("FollowOrders");
    let body = if one { framed(&Ack {}) } else { body };
    let mut request = http::Request::post(path);
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::from(body)).unwrap();
    let (parts, body) = routes.oneshot(request).await.unwrap().into_parts();
    let collected = body.collect().await.unwrap();
    let trailers = collected.trailers().cloned().unwrap_or_default();
    let status = Status::from_header_map(&parts.headers)
        .or_else(|| Status::from_header_map(&trailers))
        .unwrap();
    (status.code(), collected.to_bytes().to_vec())
}

#[tokio::test]
async fn a_method_of_each_kind_runs_for_those_who_may_call_it() {
    for (method, token, expected, ran) in [
        ("Orders/PlaceOrder", Some(TOKEN), Code::PermissionDenied, 0),
        ("Orders/PlaceOrder", None, Code::Unauthenticated, 0),
        ("Orders/ListOrders", Some(TOKEN), Code::Ok, 1),
        ("Orders/ListOrders", None, Code::Unauthenticated, 0),
        ("Orders/ListOrders", Some("garbage"), Code::Unauthenticated, 0),
        ("Orders/ImportOrders", Some(TOKEN), Code::Ok, 2),
        ("Orders/ImportOrders", None, Code::Unauthenticated, 0),
        ("Orders/FollowOrders", Some(TOKEN), Code::PermissionDenied, 0),
        ("Orders/OpeningHours", None, Code::Ok, 1),
        ("Orders/OpeningHours", Some("garbage"), Code::Ok, 1),
    ] {
        let shop = Shop::default();
        let routes = routes(&shop).secured_by(verifier());
        let (code, _) = call(routes, &format!("/shop.v1.{method}"), token).await;
        assert_eq!((code, shop.0.load(Ordering::Relaxed)), (expected, ran), "{method} {token:?}");
    }
}

#[tokio::test]
async fn a_method_finds_who_was_let_in() {
    let routes = routes(&Shop::default()).secured_by(verifier());
    let (_, body) = call(routes, "/shop.v1.Orders/ListOrders", Some(TOKEN)).await;
    let order = |id| Order { id, taken_by: "somebody".to_owned(), ..Order::default() };
    assert_eq!(body, [framed(&order(7)), framed(&order(8))].concat());
}

#[tokio::test]
async fn names_of_any_style_find_their_method_and_no_other() {
    for (method, expected, ran) in [
        ("HTTPGet", Code::Ok, 1),
        ("type", Code::PermissionDenied, 0),
        ("list_V2Orders", Code::Ok, 1),
        // Found by the gate, and none of the server's: nothing runs.
        ("HttpGet", Code::Unimplemented, 0),
        ("__http__get", Code::Unimplemented, 0),
        ("TYPE", Code::PermissionDenied, 0),
        ("", Code::Unimplemented, 0),
        ("HTTPGet/", Code::Unimplemented, 0),
        ("/HTTPGet", Code::Unimplemented, 0),
        ("HTTPGet%00", Code::Unimplemented, 0),
        ("H%54TPGet", Code::Unimplemented, 0),
    ] {
        let shop = Shop::default();
        let routes = routes(&shop).secured_by(verifier());
        let (code, _) = call(routes, &format!("/shop.v1.Oddities/{method}"), Some(TOKEN)).await;
        assert_eq!((code, shop.0.load(Ordering::Relaxed)), (expected, ran), "{method}");
    }
}

#[tokio::test]
async fn nobody_calls_a_method_around_the_gate() {
    let shop = Shop::default();
    let naked = || tonic::service::Routes::new(OrdersServer::new(shop.clone()));
    for token in [None, Some(TOKEN)] {
        for method in ["PlaceOrder", "ListOrders", "ImportOrders", "FollowOrders"] {
            let (code, _) = call(naked(), &format!("/shop.v1.Orders/{method}"), token).await;
            assert_eq!(code, Code::Unauthenticated, "{method}");
        }
    }
    let answer = shop.place_order(Request::new(NewOrder::default())).await;
    assert_eq!(answer.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(shop.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn what_a_gate_let_in_to_one_method_is_not_in_at_another() {
    // Sends whoever may list orders on to another method, behind the gate.
    let elsewhere =
        tower::util::MapRequestLayer::new(|mut request: http::Request<tonic::body::Body>| {
            *request.uri_mut() = "/shop.v1.Orders/PlaceOrder".parse().unwrap();
            request
        });
    let shop = Shop::default();
    let service = elsewhere.named_layer(OrdersServer::new(shop.clone()));
    let routes = Routes::new().mount(service).secured_by(verifier());
    let (code, _) = call(routes, "/shop.v1.Orders/ListOrders", Some(TOKEN)).await;
    assert_eq!(code, Code::PermissionDenied);
    assert_eq!(shop.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_interceptor_comes_behind_the_gate() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let interceptor = move |request: Request<()>| {
        assert_eq!(request.identity::<Policy>().unwrap().subject(), "somebody");
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(request)
    };
    let shop = Shop::default();
    let service = OrdersServer::with_interceptor(shop.clone(), interceptor);
    let routes = Routes::new().mount(service).secured_by(verifier());
    for (method, token, expected) in [
        ("ListOrders", Some(TOKEN), Code::Ok),
        ("ListOrders", None, Code::Unauthenticated),
        ("PlaceOrder", Some(TOKEN), Code::PermissionDenied),
    ] {
        let path = format!("/shop.v1.Orders/{method}");
        assert_eq!(call(routes.clone(), &path, token).await.0, expected, "{method}");
    }
    assert_eq!((seen.load(Ordering::Relaxed), shop.0.load(Ordering::Relaxed)), (1, 1));
}

/// What a call is answered, or the headers of the answer where there is nothing to read.
async fn status(routes: tonic::service::Routes, path: &str, token: Option<&str>) -> Status {
    let mut request = http::Request::post(path);
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::from(framed(&Ack {}))).unwrap();
    let response = routes.oneshot(request).await.unwrap();
    Status::from_header_map(response.headers()).unwrap()
}

fn metadata<'a>(status: &'a Status, name: &str) -> Vec<&'a str> {
    status.metadata().get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn on_denied_adds_to_a_status_whose_code_and_challenge_stay() {
    let answered = || {
        routes(&Shop::default()).on_denied(|denied, mut status| {
            assert_eq!(status.message(), denied.to_string());
            status.metadata_mut().insert("outcome", denied.outcome().parse().unwrap());
            status
        })
    };
    let nobody = "Bearer realm=\"orders\"";
    let lacking = "Bearer error=\"insufficient_scope\", error_description=\"the access token does not \
                   allow this\", scope=\"write:orders\"";
    for (method, token, code, outcome, challenge) in [
        ("ListOrders", None, Code::Unauthenticated, "no_credentials", nobody),
        ("PlaceOrder", Some(TOKEN), Code::PermissionDenied, "insufficient_scope", lacking),
    ] {
        let path = format!("/shop.v1.Orders/{method}");
        let status = status(answered().secured_by(verifier()), &path, token).await;
        assert_eq!(status.code(), code);
        assert_eq!(metadata(&status, "outcome"), [outcome]);
        assert_eq!(metadata(&status, "www-authenticate"), [challenge]);
        // The details are those that there are without it.
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.reason, outcome.to_uppercase());
    }
    // Whoever is let in, and what is not there, is not a denial.
    let (code, _) =
        call(answered().secured_by(verifier()), "/shop.v1.Orders/ListOrders", Some(TOKEN)).await;
    assert_eq!(code, Code::Ok);
    let unknown = status(answered().secured_by(verifier()), "/shop.v1.Orders/Nothing", None).await;
    assert_eq!((unknown.code(), metadata(&unknown, "outcome").len()), (Code::Unimplemented, 0));
}

/// Also of the denials that a method returns: here because an interceptor has lost the caller.
#[tokio::test]
async fn on_denied_may_say_all_of_it_otherwise_but_never_let_anybody_in() {
    let forget = |request: Request<()>| {
        let (metadata, _, message) = request.into_parts();
        Ok(Request::from_parts(metadata, http::Extensions::new(), message))
    };
    let shop = Shop::default();
    let routes = Routes::new()
        .on_denied(|_, _| Status::ok("no"))
        .on_denied(|_, _| {
            let mut status = Status::ok("who are you?");
            status
                .metadata_mut()
                .insert("www-authenticate", "Bearer realm=\"mine\"".parse().unwrap());
            status
        })
        .mount(OrdersServer::with_interceptor(shop.clone(), forget))
        .mount(OdditiesServer::new(shop.clone()))
        .secured_by(verifier());
    for (method, token) in [
        ("Orders/ListOrders", None),
        ("Orders/ListOrders", Some(TOKEN)),
        ("Oddities/HTTPGet", None),
    ] {
        let status = status(routes.clone(), &format!("/shop.v1.{method}"), token).await;
        assert_eq!((status.code(), status.message()), (Code::Unauthenticated, "who are you?"));
        assert_eq!(metadata(&status, "www-authenticate"), ["Bearer realm=\"mine\""]);
        assert!(status.details().is_empty());
    }
    assert_eq!(shop.0.load(Ordering::Relaxed), 0);
}

/// An interceptor that loses the extensions loses the caller, and nobody is let in by that.
#[tokio::test]
async fn a_lost_identity_is_no_identity() {
    let forget = |request: Request<()>| {
        let (metadata, _, message) = request.into_parts();
        Ok(Request::from_parts(metadata, http::Extensions::new(), message))
    };
    let shop = Shop::default();
    let service = OrdersServer::with_interceptor(shop.clone(), forget);
    let routes = Routes::new().mount(service).secured_by(verifier());
    let (code, _) = call(routes, "/shop.v1.Orders/ListOrders", Some(TOKEN)).await;
    assert_eq!((code, shop.0.load(Ordering::Relaxed)), (Code::Unauthenticated, 0));
}

#[tokio::test]
async fn a_public_service_asks_nobody_and_its_reason_is_listed() {
    let shop = Shop::default();
    let routes =
        Routes::<Policy>::new().public_service("a demonstration", OrdersServer::new(shop.clone()));
    let listed: Vec<_> = routes.routes().iter().map(ToString::to_string).collect();
    assert_eq!(listed, ["/shop.v1.Orders/* public service: a demonstration"]);
    let routes = routes.secured_by(verifier());
    let (code, _) = call(routes.clone(), "/shop.v1.Orders/OpeningHours", None).await;
    assert_eq!(code, Code::Ok);
    // What is guarded stays so: nobody has found out who is asking.
    let (code, _) = call(routes, "/shop.v1.Orders/ListOrders", Some(TOKEN)).await;
    assert_eq!(code, Code::Unauthenticated);
    assert_eq!(shop.0.load(Ordering::Relaxed), 1);
}

#[test]
#[should_panic(expected = "a public service needs a reason")]
fn a_public_service_without_a_reason_is_refused() {
    let _ = Routes::<Policy>::new().public_service(" ", OrdersServer::new(Shop::default()));
}

#[test]
fn each_method_is_listed_with_its_path() {
    let routes = routes(&Shop::default());
    let listed: Vec<_> = routes.routes().iter().map(ToString::to_string).collect();
    let id = |method: &str| format!("authz_core::tonic::tests::Shop::{method}");
    assert_eq!(
        listed,
        [
            format!("/shop.v1.Orders/PlaceOrder {}", id("Orders::place_order")),
            format!("/shop.v1.Orders/ListOrders {}", id("Orders::list_orders")),
            format!("/shop.v1.Orders/ImportOrders {}", id("Orders::import_orders")),
            format!("/shop.v1.Orders/FollowOrders {}", id("Orders::follow_orders")),
            format!("/shop.v1.Orders/OpeningHours {}", id("Orders::opening_hours")),
            format!("/shop.v1.Oddities/HttpGet {}", id("Oddities::http_get")),
            format!("/shop.v1.Oddities/Type {}", id("Oddities::type")),
            format!("/shop.v1.Oddities/list_V2Orders {}", id("Oddities::list_v2_orders")),
        ]
    );
    assert_eq!(routes.routes()[4].reason(), Some("tells when the shop is open"));
}

/// A shop whose method declares another place than it has.
struct Astray;

#[requires(server = OdditiesServer, policy = crate::fixture::policy)]
#[tonic::async_trait]
impl Oddities for Astray {
    #[requires(role = "clerk", route = "POST /shop.v1.Oddities/HTTPPost")]
    async fn http_get(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(role = "clerk")]
    async fn r#type(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }

    #[requires(role = "clerk")]
    async fn list_v2_orders(&self, _: Request<Ack>) -> Result<Response<Ack>, Status> {
        Ok(Response::new(Ack {}))
    }
}

#[test]
#[should_panic(expected = "a method is not where it declares: /shop.v1.Oddities/HttpGet \
                           authz_core::tonic::tests::Astray::Oddities::http_get declares `POST \
                           /shop.v1.Oddities/HTTPPost`")]
fn a_method_that_is_not_where_it_declares_is_refused() {
    let _ = Routes::new().mount(OdditiesServer::new(Astray)).secured_by(verifier());
}

#[test]
fn a_status_says_what_the_problem_says() {
    let lacking = Missing {
        roles: vec!["manager"],
        scopes: vec!["write:orders"],
        acr: vec!["gold"],
        max_age: Some(300),
        ..Missing::default()
    };
    let realm = Realm::new("orders", false);
    let unavailable = Cause::Unavailable { reason: "key server at 10.0.0.7 timed out".to_owned() };
    for (cause, code, reason) in [
        (Cause::NoCredentials { realm }, Code::Unauthenticated, "NO_CREDENTIALS"),
        (Cause::Lacking(lacking), Code::PermissionDenied, "INSUFFICIENT_SCOPE"),
        (unavailable, Code::Unavailable, "UNAVAILABLE"),
        (Cause::CrossSite { reason: "evil.example".into() }, Code::PermissionDenied, "CROSS_SITE"),
    ] {
        let denied = Denied::new(cause);
        let status = Status::from(denied.clone());
        assert_eq!((status.code(), status.message()), (code, denied.sentence()));
        let info = status.get_details_error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), (reason, super::ERROR_DOMAIN));
        let challenge = status.metadata().get("www-authenticate").map(|it| it.to_str().unwrap());
        let expected = denied.challenge();
        assert_eq!(challenge, expected.as_ref().map(|it| it.to_str().unwrap()));
        let source = std::error::Error::source(&status).unwrap();
        assert_eq!(source.downcast_ref::<Denied>().unwrap().outcome(), denied.outcome());
        let told = format!("{:?} {:?}", info.metadata, status.metadata());
        assert!(!told.contains("manager") && !told.contains("10.0.0.7"), "{told}");
    }
}

#[test]
fn a_status_asks_for_the_log_in_that_would_do() {
    let lacking = Missing {
        scopes: vec!["read:orders", "write:orders"],
        acr: vec!["gold"],
        max_age: Some(300),
        ..Missing::default()
    };
    let status = Status::from(Denied::new(Cause::Lacking(lacking)));
    assert_eq!(status.code(), Code::Unauthenticated);
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, "INSUFFICIENT_USER_AUTHENTICATION");
    let mut told: Vec<_> = info.metadata.into_iter().collect();
    told.sort();
    let expected = [
        ("acr_values", "gold"),
        ("max_age", "300"),
        ("missing_scopes", "read:orders write:orders"),
    ];
    assert_eq!(told, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}

#[test]
fn a_hidden_object_is_told_as_an_absent_one() {
    struct Nothing;
    impl crate::object::Resource for Nothing {
        const SEAL: crate::seal::Seal = crate::seal::Seal::GENERATED;
        const NAME: &'static str = "nothing";

        fn belongs_to(&self, _: &crate::object::Claimant<'_>) -> bool {
            false
        }

        fn is_of_tenant(&self, _: &crate::object::Claimant<'_>) -> bool {
            true
        }
    }
    #[requires(scope = "read:orders", object = owner, policy = crate::fixture::policy)]
    fn open(
        guard: crate::Guard<open>,
        found: crate::Sealed<Option<Nothing>>,
    ) -> Result<(), Status> {
        found.open(&guard)?;
        Ok(())
    }
    let who = crate::danger::Vouched::<Policy>::new("badges", "mia", 4_102_444_800);
    let who = who.scope(crate::fixture::policy::Scope::ReadOrders).build();
    let told = |found: Option<Nothing>| {
        let status = open(who.authorize().unwrap(), crate::Sealed::new(found)).unwrap_err();
        (status.code(), status.message().to_owned(), status.details().to_owned())
    };
    let hidden = told(Some(Nothing));
    assert_eq!(hidden, told(None));
    assert_eq!((hidden.0, &*hidden.1), (Code::NotFound, "there is no such object"));
}
