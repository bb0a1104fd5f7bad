//! The log of decisions: what a line of it says, and what can't get into one.

#![expect(
    clippy::unwrap_used,
    clippy::unreachable,
    reason = "a test that finds something else than it expects has failed"
)]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use authz_core::audit::{Decision, Dropped, FORMAT, HIDDEN, JsonLines, Log, Record, Sink, Trace};
use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::danger::Vouched;
use authz_core::http::RequestHead;
use authz_core::object::{Hidden, Sealed};
use authz_core::registry::FunctionKind;
use authz_core::testing::{Clock, TestIssuer, identity};
use authz_core::token::ScopeSource;
use authz_core::{Authentication, Authenticator, Guard, Resource, manual, requires};
use authz_tests::policy::{self, Identity, Policy, Role, Verifier};
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

const ISSUER: &str = "https://issuer.test";
const NOW: u64 = 1_800_000_000;
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[requires(role = "clerk", scope = "write:orders", max_age = "5m")]
async fn place_order() -> &'static str {
    "placed"
}

#[manual(reason = "shows what is the caller's own")]
async fn my_orders() -> &'static str {
    "orders"
}

#[requires(role = "manager")]
fn close_books(_: Guard<close_books>) {}

#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: &'static str,
}

#[requires(scope = "read:orders", object = owner, route = "GET /all")]
async fn all_orders(guard: Guard<all_orders>) -> String {
    let orders = ["ann", "bob", "eve"].map(|customer| Order { customer });
    let orders = Sealed::new(Vec::from(orders)).open(&guard);
    orders.iter().map(|order| order.customer).collect()
}

#[requires(scope = "read:orders", object = owner)]
async fn one_order(guard: Guard<one_order>) -> Result<&'static str, Hidden> {
    let order = Sealed::new(Order { customer: "swordfish" }).open(&guard)?;
    Ok(order.customer)
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Decision>>>);

impl Sink for Kept {
    fn take(&self, decision: Decision) {
        self.0.lock().unwrap().push(decision);
    }
}

impl Kept {
    fn records(&self) -> Vec<Record> {
        self.0.lock().unwrap().drain(..).map(|decision| decision.record()).collect()
    }
}

struct Service {
    issuer: TestIssuer,
    clock: Clock,
    app: axum::Router,
}

impl Service {
    fn logging_to(log: &Log) -> Self {
        let (clock, issuer) = (Clock::at(NOW), TestIssuer::new(ISSUER));
        let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders");
        let verifier = builder.clock(&clock).build().unwrap().decisions_to(log);
        let orders = Router::new().route("/{shop}/orders", get(place_order));
        let app = Router::new().nest("/shops", orders).route("/mine", get(my_orders));
        let app = app.mount(all_orders).route("/one", get(one_order));
        Self { app: app.secured_by(verifier), clock, issuer }
    }

    fn token(&self, claims: &[(&str, Value)]) -> String {
        let mut token = self.issuer.token(&self.clock, "orders").claim("jti", "number 7");
        for (name, value) in claims {
            token = token.claim(name, value.clone());
        }
        token.sign()
    }

    async fn ask(&self, path: &str, token: &str) -> u16 {
        let request = Request::get(path)
            .header("authorization", format!("Bearer {token}"))
            .header("traceparent", TRACEPARENT);
        let answer = self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await;
        answer.unwrap().status().as_u16()
    }
}

fn schema() -> jsonschema::Validator {
    let text = include_str!("../../authz-core/decision.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

/// Who may do everything here.
fn clerk() -> Vec<(&'static str, Value)> {
    vec![
        ("sub", json!("ann")),
        ("client_id", json!("till")),
        ("roles", json!(["manager", "clerk"])),
        ("scope", json!("write:orders read:orders")),
        ("auth_time", json!(NOW - 60)),
        ("acr", json!("gold")),
        ("amr", json!(["pwd", "mfa"])),
    ]
}

#[tokio::test]
async fn a_grant_says_all_that_is_needed_to_decide_again() {
    let kept = Kept::default();
    let service = Service::logging_to(&Log::to(kept.clone()).grants(1));
    let token = service.token(&clerk());
    assert_eq!(service.ask("/shops/7/orders?key=swordfish", &token).await, 200);
    let [record] = &kept.records()[..] else { unreachable!("one decision") };
    let expected = json!({
        "format": FORMAT,
        "at": "2027-01-15T08:00:00.000000Z",
        "outcome": "granted",
        "function": "decision_log::place_order",
        "kind": "requires",
        "policy": "authz_tests::policy::Policy",
        "requirement": requirement("decision_log::place_order"),
        "method": "GET",
        "route": "/shops/{shop}/orders",
        "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
        "span": "00f067aa0ba902b7",
        "who": {
            "issuer": ISSUER,
            "subject": "ann",
            "client": "till",
            "by": "access_token",
            "credential": Value::Null,
        },
        "held": {
            // As the token names them, though a manager is a clerk, and writing is reading.
            "roles": ["manager", "clerk"],
            "scopes": ["read:orders", "write:orders"],
            "mfa": true,
            "acr": "gold",
            "amr": ["pwd", "mfa"],
            "auth_age": 60,
        },
    });
    let mut written = serde_json::to_value(record).unwrap();
    let credential = written.pointer_mut("/who/credential").unwrap().take();
    // Half of a hash, not the id.
    assert_eq!(credential.as_str().map(str::len), Some(32));
    assert_eq!(written, expected);
}

fn requirement(id: &str) -> String {
    let manifest = authz_core::manifest().unwrap();
    let function = manifest.functions.iter().find(|function| function.id == id);
    function.unwrap().requirement.fingerprint()
}

#[tokio::test]
async fn a_denial_says_what_was_missing_or_why_nobody_is_known() {
    let kept = Kept::default();
    // Denials are recorded without being asked for.
    let service = Service::logging_to(&Log::to(kept.clone()));
    let stale = [("roles", json!(["auditor"])), ("auth_time", json!(NOW - 3_600))];
    assert_eq!(service.ask("/shops/7/orders", &service.token(&stale)).await, 403);
    let expired = service.token(&[("exp", json!(NOW - 3_600)), ("iat", json!(NOW - 7_200))]);
    assert_eq!(service.ask("/shops/7/orders", &expired).await, 401);
    assert_eq!(service.ask("/mine", &service.token(&[])).await, 200);
    let [lacking, unknown] = &kept.records()[..] else { unreachable!("two denials") };

    let missing = lacking.missing.as_ref().unwrap();
    assert_eq!(
        (&missing.roles[..], &missing.scopes[..]),
        (&["clerk".to_owned()][..], &["write:orders".to_owned()][..])
    );
    assert_eq!(missing.max_age, Some(300));
    assert_eq!(lacking.held.as_ref().unwrap().auth_age, Some(3_600));
    assert_eq!(
        lacking.detail.as_deref(),
        Some("lacking role = \"clerk\", scope = \"write:orders\", max_age = \"5m\"")
    );

    assert_eq!(
        (unknown.outcome.as_str(), &unknown.who, &unknown.held),
        ("invalid_token", &None, &None)
    );
    assert_eq!(unknown.route.as_deref(), Some("/shops/{shop}/orders"));
    assert!(
        unknown.detail.as_deref().is_some_and(|detail| detail.contains("expired")),
        "{unknown:?}"
    );
}

/// Whose an object is turns out in the body, which knows no request.
#[tokio::test]
async fn what_is_hidden_is_a_record_of_its_own_beside_that_of_the_call() {
    let kept = Kept::default();
    // Without being asked for, as a denial.
    let ours = Trace::new(7, 9).unwrap();
    let service = Service::logging_to(&Log::to(kept.clone()).trace_by(move || Some(ours)));
    let token = service.token(&clerk());
    assert_eq!(service.ask("/all?key=swordfish", &token).await, 200);
    let [record] = &kept.records()[..] else { unreachable!("two of the three are not ann's") };
    let mut written = serde_json::to_value(record).unwrap();
    schema().validate(&written).unwrap();
    let who = written.as_object_mut().unwrap().remove("who").unwrap();
    assert_eq!((&who["subject"], &who["client"]), (&json!("ann"), &json!("till")));
    let expected = json!({
        "format": FORMAT,
        "at": "2027-01-15T08:00:00.000000Z",
        "outcome": "hidden",
        "function": "decision_log::all_orders",
        "kind": "requires",
        "policy": "authz_tests::policy::Policy",
        "requirement": requirement("decision_log::all_orders"),
        "method": "GET",
        "route": "/all",
        "trace": format!("{:032x}", 7),
        "span": format!("{:016x}", 9),
        "held": {
            "roles": ["manager", "clerk"],
            "scopes": ["read:orders", "write:orders"],
            "mfa": true,
            "acr": "gold",
            "amr": ["pwd", "mfa"],
            "auth_age": 60,
        },
        "hidden": { "resource": "decision_log::Order", "count": 2 },
    });
    assert_eq!(written, expected);

    // A function that declares no route is nowhere, and a trace of the caller's is not at hand.
    let log = Log::to(kept.clone()).grants(1);
    let service = Service::logging_to(&log);
    assert_eq!(service.ask("/one", &service.token(&clerk())).await, 404);
    let [call, hidden] = &kept.records()[..] else { unreachable!("a grant, and what is hidden") };
    assert_eq!((call.outcome.as_str(), &call.hidden), ("granted", &None));
    assert_eq!((hidden.outcome.as_str(), &hidden.missing, &hidden.detail), (HIDDEN, &None, &None));
    assert_eq!((&hidden.method, &hidden.route, &hidden.trace), (&None, &None, &None));
    assert_eq!(hidden.hidden.as_ref().map(|hidden| hidden.count), Some(1));
    let line = serde_json::to_value(hidden).unwrap();
    schema().validate(&line).unwrap();
    assert!(!line.to_string().contains("swordfish"));
    for (member, value) in [("hidden", Value::Null), ("missing", json!({})), ("held", Value::Null)]
    {
        let mut line = line.clone();
        line.as_object_mut().unwrap().insert(member.to_owned(), value);
        assert!(!schema().is_valid(&line), "{member}");
    }
    let mut granted = line;
    granted.as_object_mut().unwrap().insert("outcome".to_owned(), json!("granted"));
    assert!(!schema().is_valid(&granted));
}

#[tokio::test]
async fn every_line_of_a_file_is_as_the_schema_says_whatever_a_caller_sends() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("decisions.jsonl");
    let _ = std::fs::remove_file(&path);
    let log = Log::to(JsonLines::append(&path).unwrap()).grants(1);
    let service = Service::logging_to(&log);
    let hostile = "ann\"}\n{\"format\":1,\"outcome\":\"granted\"\u{1b}[2J\u{9b}\u{202e}\u{2028}\0";
    let endless = "ä".repeat(2_000);
    let mut sent = 0;
    let mut secrets = Vec::new();
    for text in [hostile, &endless, "ann"] {
        for name in ["sub", "client_id", "jti", "acr"] {
            let mut claims = clerk();
            claims.retain(|(other, _)| *other != name);
            claims.push((name, json!(text)));
            let token = service.token(&claims);
            service.ask("/shops/swordfish/orders?key=swordfish", &token).await;
            service.ask("/mine", &format!("{token}x")).await;
            secrets.push(token);
            sent += 2;
        }
    }
    log.flush();
    let text = std::fs::read_to_string(&path).unwrap();
    let (schema, lines) = (schema(), text.lines().collect::<Vec<_>>());
    assert_eq!(lines.len(), sent);
    for line in lines {
        let value: Value = serde_json::from_str(line).unwrap();
        schema.validate(&value).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(line.len() < 4_096, "{line}");
        assert!(!line.chars().any(char::is_control), "{line}");
    }
    assert!(!text.contains("swordfish") && !text.contains("number 7"));
    for token in secrets {
        assert!(token.split('.').all(|part| !text.contains(part)), "{token}");
    }
}

/// Each line of JSON in the manual is one that is written, with all that it shows.
#[test]
fn the_lines_in_the_manual_are_lines_of_the_log() {
    let page = include_str!("../../authz-core/src/docs/decisions.md");
    let shown: Vec<Value> = page
        .split("```json\n")
        .skip(1)
        .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap())
        .collect();
    for line in &shown {
        schema().validate(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let written = match serde_json::from_value::<Dropped>(line.clone()) {
            Ok(dropped) => serde_json::to_value(dropped),
            Err(_) => serde_json::to_value(serde_json::from_value::<Record>(line.clone()).unwrap()),
        };
        assert_eq!(&written.unwrap(), line);
    }
    assert_eq!(shown.len(), 3);
}

#[test]
fn the_schema_refuses_what_is_missing_or_newer() {
    let schema = schema();
    let kept = Kept::default();
    let identity: Identity = identity().role("clerk").build();
    let verifier = Verifier::of(Gateway(identity)).decisions_to(&Log::to(kept.clone()));
    let request = Request::new(());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let identity = runtime.block_on(verifier.authenticate(RequestHead::of(&request))).unwrap();
    assert!(identity.authorize::<close_books>().is_err());
    let line = serde_json::to_value(&kept.records()[0]).unwrap();
    schema.validate(&line).unwrap();
    for member in ["format", "at", "outcome", "function", "kind", "policy", "requirement", "held"] {
        let mut line = line.clone();
        line.as_object_mut().unwrap().remove(member).unwrap();
        assert!(!schema.is_valid(&line), "without {member}");
    }
    for (pointer, value) in [
        ("/format", json!(2)),
        ("/at", json!("yesterday")),
        ("/outcome", json!("")),
        ("/requirement", json!("role = clerk")),
        ("/who/by", json!("a hunch")),
        ("/held/roles", json!("clerk")),
    ] {
        let mut line = line.clone();
        *line.pointer_mut(pointer).unwrap() = value;
        assert!(!schema.is_valid(&line), "{pointer}");
    }
    let mut later = line.clone();
    later.as_object_mut().unwrap().insert("new".to_owned(), json!(1));
    assert!(schema.is_valid(&later), "members are added within a format");
    assert!(
        schema.is_valid(&json!({"format": 1, "at": "2027-01-15T08:00:00.000000Z", "dropped": 3}))
    );
    assert!(
        !schema.is_valid(&json!({"format": 1, "at": "2027-01-15T08:00:00.000000Z", "dropped": 0}))
    );
}

/// An authenticator that remembers whom it knows, as that of accounts does.
struct Gateway(Identity);

impl Authenticator<Policy> for Gateway {
    fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

#[tokio::test]
async fn identities_of_an_authenticator_are_recorded_also_outside_of_requests() {
    let kept = Kept::default();
    let identity = Vouched::new("gateway", "bob", u64::MAX).role(Role::Manager).build();
    let verifier = Verifier::of(Gateway(identity)).decisions_to(&Log::to(kept.clone()).grants(1));
    let request = Request::new(());
    let identity = verifier.authenticate(RequestHead::of(&request)).await.unwrap();
    close_books(identity.authorize::<close_books>().unwrap());
    let [record] = &kept.records()[..] else { unreachable!("one decision") };
    let who = record.who.as_ref().unwrap();
    assert_eq!((who.subject.as_str(), who.by.as_str()), ("bob", "authenticator"));
    assert_eq!((&record.method, &record.route, &record.trace), (&None, &None, &None));
    // Not what that includes: under another hierarchy it would not.
    assert_eq!(record.held.as_ref().unwrap().roles, ["manager"]);
    // A verified token, without a request, too.
    let (clock, issuer) = (Clock::at(NOW), TestIssuer::new(ISSUER));
    let builder = Verifier::builder().issuer(issuer.trusted()).audience("orders").clock(&clock);
    let verifier = builder.build().unwrap().decisions_to(&Log::to(kept.clone()).grants(1));
    let token = issuer.token(&clock, "orders").role("manager").sign();
    for _ in 0..2 {
        // Fresh, and remembered.
        let identity = verifier.verify(&token).await.unwrap();
        close_books(identity.authorize::<close_books>().unwrap());
    }
    let records = kept.records();
    let roles = records.iter().map(|record| &record.held.as_ref().unwrap().roles[..]);
    assert!(roles.eq([&["manager".to_owned()][..]; 2]), "{records:?}");
}

/// Which of them roles grant may be otherwise tomorrow, and what a credential names is not.
#[tokio::test]
async fn scopes_that_roles_grant_are_told_apart_from_those_of_a_credential() {
    let kept = Kept::default();
    let (clock, issuer) = (Clock::at(NOW), TestIssuer::new(ISSUER));
    let log = Log::to(kept.clone());
    for (source, scopes, of_roles) in [
        (ScopeSource::Claim, &["read:orders"][..], false),
        (ScopeSource::RoleGrants, &["write:orders"], true),
        (ScopeSource::ClaimWithinRoleGrants, &["read:orders"], false),
    ] {
        let trusted = issuer.trusted().scope_source(source);
        let builder = Verifier::builder().issuer(trusted).audience("orders").clock(&clock);
        let verifier = builder.build().unwrap().decisions_to(&log);
        let token = issuer.token(&clock, "orders").role("clerk").scope("read:orders").sign();
        for _ in 0..2 {
            let identity = verifier.verify(&token).await.unwrap();
            assert!(identity.authorize::<close_books>().is_err());
        }
        for record in kept.records() {
            let held = record.held.unwrap();
            assert_eq!((&held.scopes[..], held.scopes_of_roles), (&owned(scopes)[..], of_roles));
        }
    }
    // And what an authenticator vouches for; another scope than the roles' is none then.
    let vouched = || Vouched::new("gateway", "bob", u64::MAX);
    let (clerk, auditor) = (|| vouched().role(Role::Clerk), || vouched().role(Role::Auditor));
    for (vouched, scopes, of_roles) in [
        (clerk(), &[][..], false),
        (clerk().scope(policy::Scope::ReadOrders), &["read:orders"], false),
        (auditor().scope(policy::Scope::WriteOrders).scopes_of_roles(), &["read:orders"], true),
    ] {
        let verifier = Verifier::of(Gateway(vouched.build())).decisions_to(&log);
        let request = Request::new(());
        let identity = verifier.authenticate(RequestHead::of(&request)).await.unwrap();
        assert!(identity.authorize::<close_books>().is_err());
        let held = kept.records()[0].held.clone().unwrap();
        assert_eq!((&held.scopes[..], held.scopes_of_roles), (&owned(scopes)[..], of_roles));
        assert!(!identity.has_scope(policy::Scope::WriteOrders));
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn grants_are_recorded_by_choice_and_by_kind() {
    let kept = Kept::default();
    let log = Log::to(kept.clone()).grants_of(FunctionKind::Manual, 1);
    let service = Service::logging_to(&log);
    let token = service.token(&clerk());
    assert_eq!(service.ask("/shops/7/orders", &token).await, 200);
    assert_eq!(service.ask("/mine", &token).await, 200);
    let records = kept.records();
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!((records[0].kind.as_str(), records[0].one_in), ("manual", 1));

    let kept = Kept::default();
    let service = Service::logging_to(&Log::to(kept.clone()).grants(3));
    for _ in 0..300 {
        assert_eq!(service.ask("/mine", &token_of(&service)).await, 200);
    }
    let records = kept.records();
    // Nine standard deviations to either side.
    assert!((27..=173).contains(&records.len()), "{}", records.len());
    assert!(records.iter().all(|record| record.one_in == 3));
}

fn token_of(service: &Service) -> String {
    service.token(&clerk())
}

#[tokio::test]
async fn the_trace_is_that_of_the_service_before_that_of_the_caller() {
    let kept = Kept::default();
    let ours = Trace::new(7, 9).unwrap();
    let service = Service::logging_to(&Log::to(kept.clone()).trace_by(move || Some(ours)));
    assert_eq!(service.ask("/mine", "swordfish").await, 401);
    assert_eq!(kept.records()[0].trace.as_deref(), Some(&*format!("{:032x}", 7)));
    let service = Service::logging_to(&Log::to(kept.clone()).trace_by(|| None));
    assert_eq!(service.ask("/mine", "swordfish").await, 401);
    assert_eq!(kept.records()[0].trace.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
}
