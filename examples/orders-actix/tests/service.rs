//! The same service twice: what the handlers say, what is required of whom, and what is answered over
//! a real connection.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use actix_web::HttpServer;
use authz_core::manifest::Function;
use authz_core::registry::Function as Record;
use authz_core::testing::{Clock, DenialMatrix, TestIssuer, TokenBuilder};
use orders::policy::Verifier;
use orders::shop::Shop;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// The handlers, and what they are made of: everything behind the making of the router.
fn handlers(source: &str) -> &str {
    let (_, handlers) = source.split_once("/// Lists the orders that").unwrap();
    handlers.split("#[cfg(test)]").next().unwrap().trim_end()
}

#[test]
fn a_handler_moves_from_axum_to_actix_by_its_imports() {
    let axum = handlers(include_str!("../../orders/src/service.rs"));
    let actix = handlers(include_str!("../src/service.rs"));
    assert!(axum.contains("fn refund") && axum.contains("fn manifest"));
    assert!(axum == actix, "the handlers of `orders` and `orders-actix` are not the same text");
}

#[test]
fn both_services_require_the_same_of_everybody_at_the_same_places() {
    // Linked, so that their records are in this program.
    let axum = orders::service::router(Shop::open());
    let app = orders_actix::service::app(Shop::open());
    assert_eq!(axum.routes().len(), app.routes().len());
    let manifest = authz_core::manifest().unwrap();
    let of = |module: &str| -> Vec<&Function> {
        manifest.functions.iter().filter(|function| function.id.starts_with(module)).collect()
    };
    let (ours, theirs) = (of("orders_actix::service::"), of("orders::service::"));
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.len() > 8);
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        assert_eq!(ours.id, theirs.id.replace("orders::", "orders_actix::"));
        let said = |it: &Function| {
            (it.policy.clone(), it.kind.clone(), it.requirement.clone(), it.reason.clone())
        };
        assert_eq!(said(ours), said(theirs), "{}", ours.id);
        assert_eq!(ours.route, theirs.route, "{}", ours.id);
        let mounted = |id: Option<&str>| id == Some(&*ours.id);
        assert!(app.routes().iter().any(|route| mounted(route.function().map(Record::id))));
    }
}

#[actix_web::test]
async fn what_was_reviewed_of_one_service_is_what_the_other_answers() {
    let matrix = DenialMatrix::from(orders_actix::service::app(Shop::open()));
    let table = matrix.table();
    let reviewed = include_str!("../../orders/authz.matrix").replace("\r\n", "\n");
    for stanza in reviewed.replace("orders::", "orders_actix::").split("\n\n") {
        assert!(table.contains(stanza.trim_end()), "{stanza}\nis not in\n{table}");
    }
    matrix.await;
}

/// A server with two workers, on a port of its own.
struct Server {
    address: String,
    issuer: TestIssuer,
    clock: Clock,
}

impl Server {
    fn start() -> Self {
        let (issuer, clock) = (TestIssuer::new("https://issuer.test"), Clock::at(1_800_000_000));
        let verifier = Verifier::builder()
            .issuer(issuer.trusted())
            .audience("orders")
            .clock(&clock)
            .build()
            .unwrap();
        let shop = Shop::open();
        let app = move || orders_actix::service::app(shop.clone()).secured_by(verifier.clone());
        let server = HttpServer::new(app).workers(2).disable_signals();
        let server = server.bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", server.addrs().first().unwrap());
        actix_web::rt::spawn(server.run());
        Self { address, issuer, clock }
    }

    fn token(&self) -> TokenBuilder<'_> {
        self.issuer.token(&self.clock, "orders").subject("ann")
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

#[actix_web::test]
async fn the_service_answers_over_a_real_connection() {
    let (server, client) = (Server::start(), Client::new());
    let auditor = server.token().role("auditor").scope("read:orders").sign();
    let clerk = server.token().role("clerk").scope("write:orders").sign();
    let manager = server.token().role("manager").scope("write:orders").mfa();
    let fresh = manager.authenticated_ago(10).sign();
    let stale = server.token().role("manager").scope("write:orders").mfa();
    let stale = stale.authenticated_ago(600).sign();
    let pens = json!({ "item": "pens", "quantity": 2 });

    // Each worker has its own app; the shop, and who may enter, are the same.
    for _ in 0..8 {
        let (status, orders) =
            answer(Client::new().get(server.url("/orders")).bearer_auth(&auditor)).await;
        assert_eq!((status, orders[0]["item"].as_str()), (200, Some("ink")));
        assert_eq!(answer(Client::new().get(server.url("/orders"))).await.0, 401);
    }
    let place = || {
        let request = client.post(server.url("/orders")).body(pens.to_string());
        request.header("content-type", "application/json")
    };
    let (status, placed) = answer(place().bearer_auth(&clerk)).await;
    assert_eq!((status, placed["taken_by"].as_str()), (201, Some("ann")));
    let (status, problem) = answer(place().bearer_auth(&auditor)).await;
    assert_eq!((status, &problem["type"]), (403, &json!("urn:authz:problem:insufficient-scope")));

    // Whose order it is: the clerk's own, and every order for the auditor.
    let get = |path: &str, token: &str| client.get(server.url(path)).bearer_auth(token);
    let (_, own) = answer(get("/orders", &clerk)).await;
    assert_eq!((own.as_array().unwrap().len(), &own[0]["taken_by"]), (1, &json!("ann")));
    assert_eq!(answer(get("/orders", &auditor)).await.1.as_array().unwrap().len(), 2);
    let absent = answer(get("/orders/99", &clerk)).await;
    assert_eq!(absent, (404, json!({ "title": "there is no such order", "status": 404 })));
    assert_eq!(answer(get("/orders/1", &clerk)).await, absent);
    assert_eq!(answer(client.delete(server.url("/orders/1")).bearer_auth(&clerk)).await.0, 401);
    let fresh_clerk = server.token().role("clerk").scope("write:orders").authenticated_ago(10);
    let cancel = |id: u32, token: &str| {
        client.delete(server.url(&format!("/orders/{id}"))).bearer_auth(token)
    };
    let fresh_clerk = fresh_clerk.sign();
    assert_eq!(answer(cancel(1, &fresh_clerk)).await, absent);
    assert_eq!(answer(cancel(2, &fresh_clerk)).await.1["status"], "cancelled");

    let refund = || client.post(server.url("/orders/1/refund"));
    let refused = refund().bearer_auth(&stale).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(
        refused.headers()["www-authenticate"],
        r#"Bearer error="insufficient_user_authentication", error_description="a more recent authentication is required", max_age=300"#
    );
    assert_eq!(answer(refund().bearer_auth(&fresh)).await.1["status"], "refunded");
    let (status, error) = answer(refund().bearer_auth(&fresh)).await;
    assert_eq!((status, &error["title"]), (409, &json!("the order is not open any more")));

    let (_, me) = answer(client.get(server.url("/me")).bearer_auth(&clerk)).await;
    assert_eq!(me["roles"], json!(["clerk"]));
    assert_eq!(answer(client.get(server.url("/health"))).await, (200, json!("ok")));
    let (status, page) = answer(client.get(server.url("/"))).await;
    assert!(status == 200 && page.as_str().unwrap().contains("orders_actix::service::refund"));
    assert_eq!(answer(client.get(server.url("/nothing")).bearer_auth(&fresh)).await.0, 404);
}
