//! Who sees which object: sealed values, opened by random identities beside a naive reading of the
//! documentation; tokens of several issuers; and what is answered about what is hidden.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]
#![expect(dead_code, reason = "some guards are made here and opened with, and never handed over")]

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use authz_core::axum::Router;
use authz_core::axum::routing::get;
use authz_core::http::RequestHead;
use authz_core::object::{Hidden, Id, Sealed};
use authz_core::testing::{Clock, TestIssuer, identity};
use authz_core::token::{ClaimMapping, ConfigError};
use authz_core::{Authentication, Authenticator, Guard, Resource, danger, requires};
use authz_tests::policy::{self, Identity, Policy, Verifier};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use http::{HeaderMap, Request, StatusCode};
use proptest::prelude::*;
use serde::Serialize;
use tower::ServiceExt as _;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

const NOW: u64 = 1_800_000_000;
const HOME: &str = "https://issuer.test";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Resource)]
#[resource(owner = "customer")]
struct Order {
    id: u64,
    customer: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Resource)]
#[resource(owner = "customer", issuer = "customer_issuer", tenant = "org")]
struct Invoice {
    customer: Option<String>,
    customer_issuer: Box<str>,
    org: Option<Tenant>,
}

#[derive(Clone, Debug, PartialEq, Eq, Resource)]
#[resource(tenant = "org")]
struct PriceList<T> {
    org: u64,
    prices: T,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Tenant(String);

impl Id for Tenant {
    fn is(&self, name: &str) -> bool {
        self.0 == name
    }
}

#[requires(authenticated, object = owner)]
fn own(guard: Guard<own>, order: Sealed<Order>) -> Result<Order, Hidden> {
    order.open(&guard)
}

#[requires(authenticated, object = owner, any_owner(role = "auditor", mfa))]
fn audited(guard: Guard<audited>, order: Sealed<Order>) -> Result<Order, Hidden> {
    order.open(&guard)
}

#[requires(authenticated, object = owner, any_owner(any(role = policy::Role::Auditor, rule = Fresh)))]
fn of_a_rule(guard: Guard<of_a_rule>, order: Sealed<Order>) -> Result<Order, Hidden> {
    order.open(&guard)
}

#[requires(authenticated, object = any)]
fn of_anybody(guard: Guard<of_anybody>, order: Sealed<Order>) -> Result<Order, Hidden> {
    order.open(&guard)
}

authz_core::rule!(Fresh = all(role = "clerk", max_age = "5m"));

fn order(id: u64, customer: &str) -> Order {
    Order { id, customer: customer.to_owned() }
}

// ---- who sees what, beside a naive reading

/// Who asks, in the words of the test.
#[derive(Clone, Debug)]
struct Asker {
    issuer: &'static str,
    subject: &'static str,
    tenant: Option<&'static str>,
    auditor: bool,
    mfa: bool,
}

impl Asker {
    fn identity(&self) -> Identity {
        let mut asker = identity().issuer(self.issuer).subject(self.subject);
        if let Some(tenant) = self.tenant {
            asker = asker.tenant(tenant);
        }
        if self.auditor {
            asker = asker.role("auditor");
        }
        if self.mfa {
            asker = asker.mfa();
        }
        asker.build()
    }

    fn sees_all(&self) -> bool {
        self.auditor && self.mfa
    }

    fn owns_order(&self, order: &Order) -> bool {
        self.issuer == HOME && self.subject == order.customer && !self.subject.is_empty()
    }

    fn owns_invoice(&self, invoice: &Invoice) -> bool {
        invoice.customer.as_deref() == Some(self.subject)
            && &*invoice.customer_issuer == self.issuer
            && !self.subject.is_empty()
            && !self.issuer.is_empty()
    }

    fn is_of(&self, tenant: Option<&str>) -> bool {
        tenant.is_some() && tenant == self.tenant && tenant != Some("")
    }
}

const NAMES: [&str; 6] = ["ann", "bob", "Ann", "ann ", "7", ""];

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&NAMES[..])
}

fn issuer() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&[HOME, "https://issuer.test/", "https://other.test", ""][..])
}

fn asker() -> impl Strategy<Value = Asker> {
    (issuer(), name(), prop::option::of(name()), any::<bool>(), any::<bool>()).prop_map(
        |(issuer, subject, tenant, auditor, mfa)| Asker { issuer, subject, tenant, auditor, mfa },
    )
}

fn invoice() -> impl Strategy<Value = Invoice> {
    (prop::option::of(name()), issuer(), prop::option::of(name())).prop_map(
        |(customer, issuer, org)| Invoice {
            customer: customer.map(str::to_owned),
            customer_issuer: issuer.into(),
            org: org.map(|org| Tenant(org.to_owned())),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_object_opens_to_whom_the_documentation_says(
        asker in asker(),
        customers in prop::collection::vec(name(), 0..6),
        invoices in prop::collection::vec(invoice(), 0..6),
        orgs in prop::collection::vec(5_u64..9, 0..4),
    ) {
        let who = asker.identity();
        let (own, audited) = (who.authorize::<own>().unwrap(), who.authorize::<audited>().unwrap());
        let of_a_rule = who.authorize::<of_a_rule>().unwrap();

        let orders: Vec<_> = (0..).zip(customers).map(|(id, customer)| order(id, customer)).collect();
        let owned: Vec<_> = orders.iter().filter(|it| asker.owns_order(it)).cloned().collect();
        prop_assert_eq!(Sealed::new(orders.clone()).open(&own), owned.clone());
        let all = if asker.sees_all() { orders.clone() } else { owned.clone() };
        prop_assert_eq!(Sealed::new(orders.clone()).open(&audited), all);
        let all = if asker.auditor { orders.clone() } else { owned.clone() };
        prop_assert_eq!(Sealed::new(orders.clone()).open(&of_a_rule), all);
        let of_anybody = who.authorize::<of_anybody>().unwrap();
        prop_assert_eq!(Sealed::new(orders.clone()).open(&of_anybody), orders.clone());
        for one in orders {
            let seen = Sealed::new(one.clone()).open(&own);
            prop_assert_eq!(seen.ok(), owned.contains(&one).then(|| one.clone()));
            let seen = Sealed::new(Some(one.clone())).open(&own);
            prop_assert_eq!(seen.ok(), owned.contains(&one).then_some(one));
        }

        for one in invoices {
            let org = one.org.as_ref().map(|org| &*org.0);
            let of_tenant = asker.is_of(org);
            let seen = Sealed::new(one.clone()).open(&own).is_ok();
            prop_assert_eq!(seen, of_tenant && asker.owns_invoice(&one));
            prop_assert_eq!(Sealed::new(one.clone()).open(&of_anybody).is_ok(), of_tenant);
            let seen = Sealed::new(one.clone()).open(&audited).is_ok();
            prop_assert_eq!(seen, of_tenant && (asker.sees_all() || asker.owns_invoice(&one)));
        }

        for org in orgs {
            let list = PriceList { org, prices: [1, 2] };
            let seen = Sealed::new(list).open(&own).is_ok();
            prop_assert_eq!(seen, asker.tenant == Some("7") && org == 7);
        }
    }
}

#[test]
fn a_rule_in_any_owner_is_asked() {
    let clock = Clock::at(NOW);
    let clerk = |age: &str| identity().clock(&clock).role("clerk").aged(age).subject("eve").build();
    let (fresh, stale): (Identity, Identity) = (clerk("4m"), clerk("6m"));
    let opened =
        |who: &Identity| Sealed::new(order(1, "ann")).open(&who.authorize::<of_a_rule>().unwrap());
    assert!(opened(&fresh).is_ok());
    assert!(opened(&stale).is_err());
}

#[test]
fn what_is_absent_is_hidden() {
    let who: Identity = identity().subject("ann").build();
    let guard = who.authorize::<own>().unwrap();
    let absent = Sealed::new(None::<Order>).open(&guard);
    let hidden = Sealed::new(Some(order(1, "bob"))).open(&guard);
    assert_eq!(absent, hidden);
    assert_eq!(format!("{absent:?}"), format!("{hidden:?}"));
    assert_eq!(absent.unwrap_err().to_string(), hidden.unwrap_err().to_string());
    assert_eq!(Sealed::new(Some(order(1, "ann"))).open(&guard), Ok(order(1, "ann")));
}

#[test]
fn nothing_of_what_is_sealed_is_printed() {
    let sealed = Sealed::from(vec![order(1, "ann"), order(2, "bob")]);
    assert_eq!(format!("{sealed:?} {sealed:#?}"), "Sealed Sealed");
}

// ---- tokens

/// Two issuers with a subject `7` each.
struct Issuers {
    clock: Clock,
    one: TestIssuer,
    two: TestIssuer,
}

impl Issuers {
    fn new() -> Self {
        let issuer = |name| TestIssuer::new(name);
        Self {
            clock: Clock::at(NOW),
            one: issuer("https://one.test"),
            two: issuer("https://two.test"),
        }
    }

    fn verifier(&self, one: ClaimMapping, two: ClaimMapping) -> Result<Verifier, ConfigError> {
        Verifier::builder()
            .issuer(self.one.trusted().claims(one.all_roles()))
            .issuer(self.two.trusted().claims(two.all_roles()))
            .audience("orders")
            .clock(&self.clock)
            .build()
    }

    async fn seven(&self, verifier: &Verifier, issuer: &TestIssuer) -> Identity {
        let token = issuer.token(&self.clock, "orders").subject("7").claim("org_id", "acme");
        verifier.verify(&token.sign()).await.unwrap()
    }
}

fn opens(who: &Identity) -> bool {
    Sealed::new(order(1, "7")).open(&who.authorize::<own>().unwrap()).is_ok()
}

#[tokio::test]
async fn a_subject_of_another_issuer_is_somebody_else() {
    let issuers = Issuers::new();
    let (plain, home) = (ClaimMapping::rfc9068, || ClaimMapping::rfc9068().home_issuer());

    let verifier = issuers.verifier(home(), plain()).unwrap();
    assert!(opens(&issuers.seven(&verifier, &issuers.one).await));
    assert!(!opens(&issuers.seven(&verifier, &issuers.two).await));

    let verifier = issuers.verifier(plain(), plain()).unwrap();
    let (one, two) = (
        issuers.seven(&verifier, &issuers.one).await,
        issuers.seven(&verifier, &issuers.two).await,
    );
    assert!(!opens(&one) && !opens(&two), "nobody is meant where nobody is said to be");

    // Where the object names the issuer, that decides.
    let invoice = |issuer: &str| Invoice {
        customer: Some("7".to_owned()),
        customer_issuer: issuer.into(),
        org: Some(Tenant("acme".to_owned())),
    };
    let tenants = || plain().tenant_from("org_id");
    let verifier = issuers.verifier(tenants(), tenants()).unwrap();
    let two = issuers.seven(&verifier, &issuers.two).await;
    let guard = two.authorize::<own>().unwrap();
    assert!(Sealed::new(invoice("https://two.test")).open(&guard).is_ok());
    assert!(Sealed::new(invoice("https://one.test")).open(&guard).is_err());

    let error = issuers.verifier(home(), home()).unwrap_err();
    assert_eq!(error, ConfigError::SeveralHomeIssuers { issuer: "https://two.test".into() });
}

#[tokio::test]
async fn the_only_issuer_is_the_one_that_is_meant() {
    let issuers = Issuers::new();
    let verifier = Verifier::builder()
        .issuer(issuers.one.trusted())
        .audience("orders")
        .clock(&issuers.clock)
        .build()
        .unwrap();
    let who = issuers.seven(&verifier, &issuers.one).await;
    assert!(opens(&who));
    assert_eq!(who.tenant(), None, "no claim names a tenant by itself");
}

#[test]
fn who_is_vouched_for_is_of_another_issuer_than_the_tokens() {
    let seven = || danger::Vouched::new("keys", "7", u64::MAX);
    assert!(!opens(&seven().build()));
    assert!(opens(&seven().home_issuer().build()));
}

/// An authenticator that knows one identity, and gives it to whoever asks.
struct Only(Identity);

impl Authenticator<Policy> for Only {
    fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

#[tokio::test]
async fn an_authenticator_s_issuer_is_home_where_it_alone_is_said_to_be() {
    let seven = |issuer: &str| danger::Vouched::<Policy>::new(issuer, "7", u64::MAX);
    let request = Request::new(());
    let opens = async |verifier: &Verifier| {
        let who = verifier.authenticate(RequestHead::of(&request)).await.unwrap();
        let again = verifier.authenticate(RequestHead::of(&request)).await.unwrap();
        assert_eq!(opens(&who), opens(&again));
        opens(&who)
    };
    let issuers = Issuers::new();
    let tokens = || {
        let builder = Verifier::builder().issuer(issuers.one.trusted()).audience("orders");
        builder.clock(&issuers.clock).build().unwrap()
    };

    let keys = seven("keys").build();
    assert!(!opens(&Verifier::of(Only(keys.clone()))).await, "nobody said so");
    assert!(opens(&Verifier::of_issuer("keys", Only(keys.clone()))).await);
    // The same identity in another service; and what one verifier made of it does not change it.
    assert!(!opens(&tokens().after(Only(keys.clone()))).await);
    assert!(!opens(&Verifier::of_issuer("tills", Only(keys.clone()))).await);
    assert!(opens(&Verifier::of_issuer("keys", Only(keys.clone())).clone()).await);

    // Subject `7` of somebody else is not the one that objects mean, whatever vouches for it.
    let home = |issuer: &str| Only(seven(issuer).home_issuer().build());
    assert!(opens(&Verifier::of(home("keys"))).await);
    assert!(!opens(&tokens().after(home("keys"))).await);
    assert!(!opens(&Verifier::of_issuer("tills", Only(keys)).after(home("keys"))).await);
    // A session of the provider's own subject may be vouched for.
    assert!(opens(&tokens().after(home("https://one.test"))).await);
    assert!(!opens(&tokens().after(Only(seven("https://one.test").build()))).await);
    // Of several issuers, none of which is home, there is nobody to be taken for.
    let several = issuers.verifier(ClaimMapping::rfc9068(), ClaimMapping::rfc9068()).unwrap();
    assert!(opens(&several.after(home("keys"))).await);
}

#[tokio::test]
async fn the_tenant_is_what_the_mapping_of_the_issuer_says() {
    let issuers = Issuers::new();
    let plain = ClaimMapping::rfc9068;
    let verifier =
        issuers.verifier(plain().tenant_from("org_id"), plain().tenant("globex")).unwrap();
    let (one, two) = (
        issuers.seven(&verifier, &issuers.one).await,
        issuers.seven(&verifier, &issuers.two).await,
    );
    // The second issuer belongs to one tenant, and its tokens can't say otherwise.
    assert_eq!((one.tenant(), two.tenant()), (Some("acme"), Some("globex")));

    let token = |claim: serde_json::Value| {
        issuers.one.token(&issuers.clock, "orders").claim("org_id", claim).sign()
    };
    for wrong in [serde_json::json!(7), serde_json::json!(["acme"]), serde_json::json!("")] {
        assert!(verifier.verify(&token(wrong.clone())).await.is_err(), "{wrong}");
    }
    let none = issuers.one.token(&issuers.clock, "orders").sign();
    assert_eq!(verifier.verify(&none).await.unwrap().tenant(), None);

    for (mapping, field) in
        [(plain().tenant_from(""), "tenant_from"), (plain().tenant(""), "tenant")]
    {
        let error = issuers.verifier(mapping, plain()).unwrap_err();
        let issuer = "https://one.test".into();
        assert_eq!(error, ConfigError::EmptyName { issuer, field });
    }
}

// ---- on the web

fn stored(id: u64) -> Sealed<Option<Order>> {
    let order = match id {
        1 => Some(order(1, "ann")),
        2 => Some(order(2, "bob")),
        _ => None,
    };
    Sealed::new(order)
}

#[requires(scope = "read:orders", object = owner)]
async fn show(guard: Guard<show>, Path(id): Path<u64>) -> Result<Json<Order>, Hidden> {
    stored(id).open(&guard).map(Json)
}

mod on_actix {
    use actix_web::web::Json;
    use authz_core::actix::extract::Path;
    use authz_core::object::Hidden;
    use authz_core::{Guard, requires};

    use super::{Order, stored};

    #[requires(scope = "read:orders", object = owner)]
    pub(super) async fn show(
        guard: Guard<show>,
        Path(id): Path<u64>,
    ) -> Result<Json<Order>, Hidden> {
        stored(id).open(&guard).map(Json)
    }
}

/// Status, header fields and body.
type Answer = (StatusCode, HeaderMap, Vec<u8>);

fn ann(issuer: &TestIssuer, clock: &Clock) -> String {
    let token = issuer.token(clock, "orders").subject("ann").scope("read:orders").sign();
    format!("Bearer {token}")
}

fn verifier(issuer: &TestIssuer, clock: &Clock) -> Verifier {
    Verifier::builder().issuer(issuer.trusted()).audience("orders").clock(clock).build().unwrap()
}

#[tokio::test]
async fn axum_answers_about_what_is_hidden_as_about_what_is_absent() {
    let (clock, issuer) = (Clock::at(NOW), TestIssuer::new(HOME));
    let app = Router::new().route("/{id}", get(show)).secured_by(verifier(&issuer, &clock));
    let ask = async |path: &str| -> Answer {
        let request = Request::get(path).header("authorization", ann(&issuer, &clock));
        let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        (parts.status, parts.headers, to_bytes(body, 4096).await.unwrap().to_vec())
    };
    let (status, _, body) = ask("/1").await;
    assert_eq!((status, &*body), (StatusCode::OK, &br#"{"id":1,"customer":"ann"}"#[..]));
    let (hidden, absent) = (ask("/2").await, ask("/3").await);
    assert_eq!(hidden, absent);
    assert_is_not_found(&hidden);
}

#[actix_web::test]
async fn actix_answers_about_what_is_hidden_as_about_what_is_absent() {
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use authz_core::actix::{App, web};

    let (clock, issuer) = (Clock::at(NOW), TestIssuer::new(HOME));
    let app = App::new().route("/{id}", web::get().to(on_actix::show));
    let app = init_service(app.secured_by(verifier(&issuer, &clock))).await;
    let ask = async |path: &str| -> Answer {
        let request = TestRequest::get().uri(path);
        let request = request.insert_header(("authorization", ann(&issuer, &clock)));
        let answer = call_service(&app, request.to_request()).await;
        let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
        let fields = answer.headers().iter().map(|(name, value)| {
            (name.as_str().parse().unwrap(), value.as_bytes().try_into().unwrap())
        });
        (status, fields.collect::<HeaderMap>(), read_body(answer).await.to_vec())
    };
    assert_eq!(ask("/1").await.0, StatusCode::OK);
    let (hidden, absent) = (ask("/2").await, ask("/3").await);
    assert_eq!(hidden, absent);
    assert_is_not_found(&hidden);
}

fn assert_is_not_found((status, headers, body): &Answer) {
    assert_eq!(*status, StatusCode::NOT_FOUND);
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(
        String::from_utf8(body.clone()).unwrap(),
        r#"{"type":"urn:authz:problem:not-found","title":"Not found","status":404,"detail":"there is no such object"}"#
    );
}

// ---- what the log is told

/// The fields of each event of the target `authz`, in words.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "authz" && *metadata.level() <= tracing::Level::INFO
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[test]
fn the_log_is_told_who_was_refused_what() {
    // For the whole program: a place in the code that another thread comes to first would be asked about
    // there, where nobody listens.
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let who: Identity = identity().subject("ann").client("the log").tenant("acme").build();
    let guard = who.authorize::<own>().unwrap();
    let _ = Sealed::new(order(1, "ann")).open(&guard);
    let _ = Sealed::new(None::<Order>).open(&guard);
    let _ = Sealed::new(order(2, "bob")).open(&guard);
    let _ = Sealed::new(vec![order(1, "ann"), order(2, "bob"), order(3, "eve")]).open(&guard);
    let line = |count: u32| {
        format!(
            "outcome=\"hidden\" function=\"object::own\" issuer=\"https://issuer.test\" \
             subject=\"ann\" client=\"the log\" tenant=\"acme\" resource=\"object::Order\" count={count} "
        )
    };
    let lines = log.0.lock().unwrap();
    let ours: Vec<_> = lines.iter().filter(|line| line.contains("client=\"the log\"")).collect();
    assert_eq!(ours, [&line(1), &line(2)]);
}
