//! Which fields of an object are for whom: what is shown of random objects to random identities, and
//! what is taken in from them, beside a naive reading of the documentation; and what is answered and
//! recorded about a field that the caller may not set.

#![expect(
    clippy::unwrap_used,
    clippy::unreachable,
    reason = "a test that finds something else than it expects has failed"
)]

use std::sync::{Arc, Mutex};

use authz_core::audit::{Decision, Log, Record, Sink};
use authz_core::axum::Router;
use authz_core::axum::routing::post;
use authz_core::object::{Input, Masked};
use authz_core::testing::{Clock, TestIssuer, identity};
use authz_core::{Denied, Guard, Resource, manual, requires};
use authz_tests::policy::{self, Identity, Verifier};
use axum::Json;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request, StatusCode, header};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

const NOW: u64 = 1_800_000_000;

authz_core::rule!(Fresh = all(role = "clerk", max_age = "5m"));

#[derive(Clone, Debug, Resource)]
#[resource(owner = "customer")]
#[serde(rename_all = "camelCase")]
struct Order {
    customer: String,
    #[resource(read(role = "manager"))]
    unit_cost: u32,
    #[resource(read(any(role = "auditor", all(scope = "write:orders", mfa))))]
    margin: Option<i64>,
    #[resource(read(rule = Fresh, not(role = "auditor")))]
    note: String,
    lines: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[serde(rename_all = "camelCase")]
struct Change {
    quantity: Option<u8>,
    #[resource(write(role = "manager"))]
    unit_discount: Option<u8>,
    #[serde(default)]
    #[resource(write(any(role = "auditor", all(scope = "write:orders", mfa))))]
    margin: i64,
    #[serde(default = "nothing", rename = "remark")]
    #[resource(write(rule = Fresh, not(role = "auditor")))]
    note: String,
    /// Of no mask, and the same name in both.
    #[serde(default)]
    lines: Vec<u8>,
}

fn nothing() -> String {
    "nothing".to_owned()
}

#[manual(reason = "the fields say whom they are for")]
fn change(guard: Guard<change>, input: Input<Change>) -> Result<Change, Denied> {
    input.accept(&guard)
}

/// Who asks, in the words of the test.
#[derive(Clone, Debug)]
struct Asker {
    roles: Vec<&'static str>,
    scope: Option<&'static str>,
    mfa: bool,
    age: Option<&'static str>,
}

impl Asker {
    fn identity(&self) -> Identity {
        let mut asker = identity().clock(&Clock::at(NOW));
        for role in &self.roles {
            asker = asker.role(role);
        }
        if let Some(scope) = self.scope {
            asker = asker.scope(scope);
        }
        if self.mfa {
            asker = asker.mfa();
        }
        if let Some(age) = self.age {
            asker = asker.aged(age);
        }
        asker.build()
    }

    fn is(&self, role: &str) -> bool {
        self.roles
            .iter()
            .any(|held| *held == role || ["manager", "admin"].contains(held) && role != "admin")
    }

    fn first(&self) -> bool {
        self.is("manager")
    }

    fn second(&self) -> bool {
        self.is("auditor") || self.scope == Some("write:orders") && self.mfa
    }

    fn third(&self) -> bool {
        self.is("clerk") && self.age == Some("4m") && !self.is("auditor")
    }
}

fn asker() -> impl Strategy<Value = Asker> {
    let roles = prop::sample::subsequence(vec!["clerk", "auditor", "manager", "admin"], 0..3);
    let scope = prop::option::of(prop::sample::select(vec!["read:orders", "write:orders"]));
    let age = prop::option::of(prop::sample::select(vec!["4m", "6m"]));
    (roles, scope, any::<bool>(), age).prop_map(|(roles, scope, mfa, age)| Asker {
        roles,
        scope,
        mfa,
        age,
    })
}

fn order() -> impl Strategy<Value = Order> {
    (any::<String>(), any::<u32>(), any::<Option<i64>>(), any::<String>(), any::<Vec<u8>>())
        .prop_map(|(customer, unit_cost, margin, note, lines)| Order {
            customer,
            unit_cost,
            margin,
            note,
            lines,
        })
}

/// What this asker sees of an order.
fn shown(order: &Order, asker: &Asker) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value, is_for: bool| {
        if is_for {
            shown.insert(name.to_owned(), value);
        }
    };
    put("customer", json!(order.customer), true);
    put("unitCost", json!(order.unit_cost), asker.first());
    put("margin", json!(order.margin), asker.second());
    put("note", json!(order.note), asker.third());
    put("lines", json!(order.lines), true);
    Value::Object(shown)
}

/// Some of the fields, each with a value or `null` where that is a value.
fn body() -> impl Strategy<Value = Map<String, Value>> {
    let some = |name: &'static str, values: Vec<Value>| {
        prop::option::of(prop::sample::select(values)).prop_map(move |value| Some((name, value?)))
    };
    (
        some("quantity", vec![json!(2), Value::Null]),
        some("unitDiscount", vec![json!(9), Value::Null]),
        some("margin", vec![json!(-1), json!(0)]),
        some("remark", vec![json!("ink"), json!("nothing")]),
        some("lines", vec![json!([]), json!([1])]),
    )
        .prop_map(|(a, b, c, d, e)| {
            let named = |(name, value): (&str, Value)| (name.to_owned(), value);
            [a, b, c, d, e].into_iter().flatten().map(named).collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_field_is_shown_to_whom_the_documentation_says(
        asker in asker(),
        orders in prop::collection::vec(order(), 0..4),
    ) {
        let who = asker.identity();
        let expected: Vec<_> = orders.iter().map(|order| shown(order, &asker)).collect();
        for (order, expected) in orders.iter().zip(&expected) {
            let one = Masked::new(order.clone(), &who);
            prop_assert_eq!(&json!(one), expected);
            let seen = one.seen();
            prop_assert_eq!(seen.unit_cost.is_some(), asker.first());
            prop_assert_eq!(seen.margin.is_some(), asker.second());
            prop_assert_eq!(seen.note, asker.third().then_some(&order.note));
            prop_assert_eq!(seen.customer, &order.customer);
            prop_assert_eq!(&json!(Masked::new(Some(order.clone()), &who)), expected);
        }
        prop_assert_eq!(json!(Masked::new(orders.clone(), &who)), json!(expected));
        prop_assert_eq!(json!(Masked::new(None::<Order>, &who)), Value::Null);
    }

    #[test]
    fn a_field_is_taken_from_whom_the_documentation_says(asker in asker(), body in body()) {
        let who = asker.identity();
        let came = |name: &str| body.contains_key(name);
        let refused: Vec<&str> = [
            ("unitDiscount", "unit_discount", asker.first()),
            ("margin", "margin", asker.second()),
            ("remark", "note", asker.third()),
        ]
        .into_iter()
        .filter(|(name, _, may)| came(name) && !may)
        .map(|(_, field, _)| field)
        .collect();

        let input: Input<Change> = serde_json::from_value(Value::Object(body.clone())).unwrap();
        match change(who.authorize().unwrap(), input) {
            Ok(taken) => {
                prop_assert_eq!(refused, Vec::<&str>::new());
                let value = |name: &str, absent: Value| body.get(name).cloned().unwrap_or(absent);
                prop_assert_eq!(json!(taken.quantity), value("quantity", Value::Null));
                prop_assert_eq!(json!(taken.unit_discount), value("unitDiscount", Value::Null));
                prop_assert_eq!(json!(taken.margin), value("margin", json!(0)));
                prop_assert_eq!(json!(taken.note), value("remark", json!("nothing")));
                prop_assert_eq!(json!(taken.lines), value("lines", json!([])));
            }
            Err(denied) => {
                let missing = denied.missing().unwrap();
                prop_assert_eq!(&missing.fields, &refused);
                prop_assert!(!refused.is_empty());
            }
        }
    }
}

#[test]
fn nothing_of_what_is_masked_or_not_accepted_is_printed() {
    let who: Identity = identity().role("manager").build();
    let order = Order {
        customer: "ann".to_owned(),
        unit_cost: 12,
        margin: None,
        note: String::new(),
        lines: Vec::new(),
    };
    let input: Input<Change> = serde_json::from_str(r#"{"remark":"ink"}"#).unwrap();
    assert_eq!(format!("{:?} {input:?}", Masked::new(order, &who)), "Masked Input");
}

#[test]
fn what_is_no_such_value_is_no_input() {
    let read = |text: &str| serde_json::from_str::<Input<Change>>(text);
    for wrong in [
        r#"{"unitDiscount":"much"}"#,
        r#"{"unitDiscount":1,"unitDiscount":2}"#,
        r#"{"margin":null}"#,
        r#"{"remark":7}"#,
        "[]",
        "7",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

// ---- on the web

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Decision>>>);

impl Sink for Kept {
    fn take(&self, decision: Decision) {
        self.0.lock().unwrap().push(decision);
    }
}

#[derive(Resource)]
struct Refund {
    cents: u32,
    #[resource(write(mfa, max_age = "5m"))]
    iban: Option<String>,
    #[resource(write(role = "manager"))]
    fee: Option<u32>,
    #[resource(write(scope = "write:orders"))]
    order: Option<u32>,
}

#[requires(authenticated)]
async fn refund(guard: Guard<refund>, Json(input): Json<Input<Refund>>) -> Result<String, Denied> {
    Ok(answer(&input.accept(&guard)?))
}

mod on_actix {
    use actix_web::web::Json;
    use authz_core::object::Input;
    use authz_core::{Denied, Guard, requires};

    use super::{Refund, answer};

    #[requires(authenticated)]
    pub(super) async fn refund(
        guard: Guard<refund>,
        Json(input): Json<Input<Refund>>,
    ) -> Result<String, Denied> {
        Ok(answer(&input.accept(&guard)?))
    }
}

fn answer(refund: &Refund) -> String {
    format!("{} {:?} {:?} {:?}", refund.cents, refund.iban, refund.fee, refund.order)
}

struct Service {
    issuer: TestIssuer,
    clock: Clock,
    kept: Kept,
    verifier: Verifier,
}

/// Status, header fields and body.
type Answer = (StatusCode, HeaderMap, String);

impl Service {
    fn new() -> Self {
        let (clock, issuer) = (Clock::at(NOW), TestIssuer::new("https://issuer.test"));
        let kept = Kept::default();
        let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders");
        let verifier = builder.clock(&clock).build().unwrap();
        let verifier = verifier.decisions_to(&Log::to(kept.clone()));
        Self { issuer, clock, kept, verifier }
    }

    fn token(&self, roles: &[&str]) -> String {
        self.issuer.token(&self.clock, "orders").subject("ann").claim("roles", json!(roles)).sign()
    }

    async fn ask(&self, token: &str, body: &Value) -> Answer {
        let app = Router::new().route("/refunds", post(refund)).secured_by(self.verifier.clone());
        let request = Request::post("/refunds")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn ask_actix(&self, token: &str, body: &Value) -> (u16, String) {
        use authz_core::actix::{App, web};

        let app = App::new().route("/refunds", web::post().to(on_actix::refund));
        let app = actix_web::test::init_service(app.secured_by(self.verifier.clone())).await;
        let request = actix_web::test::TestRequest::post()
            .uri("/refunds")
            .insert_header(("authorization", format!("Bearer {token}")))
            .set_json(body)
            .to_request();
        let answer = actix_web::test::call_service(&app, request).await;
        let status = answer.status().as_u16();
        let body = actix_web::test::read_body(answer).await;
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn records(&self) -> Vec<Record> {
        self.kept.0.lock().unwrap().drain(..).map(|decision| decision.record()).collect()
    }
}

#[actix_web::test]
async fn a_refused_field_is_a_denial_with_what_is_lacking() {
    let service = Service::new();
    let (nobody, manager) = (service.token(&[]), service.token(&["manager"]));
    let plain = json!({ "cents": 5 });
    let (status, _, body) = service.ask(&nobody, &plain).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "5 None None None"));
    assert_eq!(service.ask_actix(&nobody, &plain).await, (200, body));

    let fee = json!({ "cents": 5, "fee": 2 });
    let (status, _, body) = service.ask(&manager, &fee).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "5 None Some(2) None"));
    assert_eq!(service.records(), [], "what is granted is no denial");

    // A role is no business of the caller's: 403, and nothing of the reason.
    let (status, headers, body) = service.ask(&nobody, &fee).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    assert!(!body.contains("manager") && !body.contains("fee"), "{body}");
    assert_eq!(service.ask_actix(&nobody, &fee).await, (403, body));

    // A scope is asked for, as for a call (RFC 6750 section 3.1).
    let (status, headers, _) = service.ask(&nobody, &json!({ "cents": 5, "order": 1 })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let challenge = headers[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains(r#"error="insufficient_scope""#), "{challenge}");
    assert!(challenge.contains(r#"scope="write:orders""#), "{challenge}");

    // And so is a stronger log-in (RFC 9470 section 3).
    let iban = json!({ "cents": 5, "iban": "DE02" });
    let (status, headers, _) = service.ask(&nobody, &iban).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let challenge = headers[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains(r#"error="insufficient_user_authentication""#), "{challenge}");
    assert!(challenge.contains("max_age=300"), "{challenge}");
}

#[actix_web::test]
async fn a_refused_field_is_recorded_with_its_name() {
    let service = Service::new();
    let token = service.token(&[]);
    let all = json!({ "cents": 5, "iban": "DE02", "fee": 2, "order": 1 });
    assert_eq!(service.ask(&token, &all).await.0, StatusCode::FORBIDDEN);
    let [record] = &service.records()[..] else { unreachable!("one denial") };
    let missing = record.missing.as_ref().unwrap();
    assert_eq!(missing.fields, ["iban", "fee", "order"]);
    assert_eq!(
        (&missing.roles, &missing.scopes),
        (&vec!["manager".to_owned()], &vec!["write:orders".to_owned()])
    );
    assert!(missing.mfa && missing.max_age == Some(300));
    assert_eq!(record.function, "fields::refund");
    assert_eq!(record.outcome, "insufficient_scope");
    assert_eq!(
        record.detail.as_deref(),
        Some(
            "lacking role = \"manager\", scope = \"write:orders\", mfa, max_age = \"5m\" to set \
             `iban`, `fee`, `order`"
        )
    );
    assert!(!json!(record).to_string().contains("DE02"), "what came is nobody's business");

    let text = include_str!("../../authz-core/decision.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap();
    schema.validate(&json!(record)).unwrap();
}
