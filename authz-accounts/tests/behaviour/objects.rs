//! Whose objects accounts own, alone and beside the tokens of a provider.

use std::time::{Duration, UNIX_EPOCH};

use authz_core::http::RequestHead;
use authz_core::object::{Hidden, Sealed};
use authz_core::testing::TestIssuer;
use authz_core::token::Verifier;
use authz_core::{Guard, Resource, requires};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;

use crate::database::Database;
use crate::support::{Identity, Policy, START, Service, policy, with_cookie};

crate::on_both_databases! {
    accounts_alone_own_what_names_no_issuer
    beside_tokens_an_account_is_never_taken_for_a_subject_of_theirs
    a_session_and_a_key_end_wherever_they_are_kept
    a_scheme_without_a_token_leaves_the_cookie_its_turn
}

/// Of a service that knows one issuer.
#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: String,
}

/// Of one that knows several.
#[derive(Resource)]
#[resource(owner = "customer", issuer = "issuer")]
struct Invoice {
    customer: String,
    issuer: &'static str,
}

#[requires(authenticated, object = owner)]
fn order(guard: Guard<order>, customer: &str) -> Result<Order, Hidden> {
    Sealed::new(Order { customer: customer.to_owned() }).open(&guard)
}

#[requires(authenticated, object = owner)]
fn invoice(guard: Guard<invoice>, issuer: &'static str, customer: &str) -> Result<Invoice, Hidden> {
    Sealed::new(Invoice { customer: customer.to_owned(), issuer }).open(&guard)
}

fn owns_order_of(who: &Identity, customer: &str) -> bool {
    order(who.authorize().unwrap(), customer).is_ok()
}

fn owns_invoice_of(who: &Identity, issuer: &'static str, customer: &str) -> bool {
    invoice(who.authorize().unwrap(), issuer, customer).is_ok()
}

async fn identity(verifier: &Verifier<Policy>, request: &Request) -> Identity {
    verifier.authenticate(RequestHead::of(request)).await.unwrap()
}

fn with_secret(secret: &str) -> Request {
    let request = Request::get("/").header(AUTHORIZATION, format!("Bearer {secret}"));
    request.body(Body::empty()).unwrap()
}

async fn accounts_alone_own_what_names_no_issuer(database: Database) {
    let service = Service::open(&database).await;
    let (ann, bob) = (service.newcomer("ann").await, service.newcomer("bob").await);
    let verifier = service.accounts.verifier();
    let ann = identity(&verifier, &with_cookie(Request::get("/"), &ann)).await;
    let bob = identity(&verifier, &with_cookie(Request::get("/"), &bob)).await;
    assert!(owns_order_of(&ann, ann.subject()));
    assert!(!owns_order_of(&bob, ann.subject()));
    // Their programs too, found anew and remembered.
    let key = service.accounts.create_key(&ann, "till 7", &[], Duration::from_hours(1)).await;
    let key = with_secret(key.unwrap().secret());
    for _ in 0..2 {
        let program = identity(&verifier, &key).await;
        assert!(owns_order_of(&program, ann.subject()));
        assert!(!owns_order_of(&program, bob.subject()));
    }
}

async fn beside_tokens_an_account_is_never_taken_for_a_subject_of_theirs(database: Database) {
    const PROVIDER: &str = "https://id.example.com";
    let service = Service::open(&database).await;
    let cookie = with_cookie(Request::get("/"), &service.newcomer("ann").await);
    // The same accounts in a service of their own: what is remembered there is not what counts here.
    let alone = identity(&service.accounts.verifier(), &cookie).await;
    assert!(owns_order_of(&alone, alone.subject()));

    let issuer = TestIssuer::new(PROVIDER);
    let builder = policy::Verifier::builder().issuer(issuer.trusted()).audience("shop");
    let both = service.accounts.or(builder.clock(&service.clock).build().unwrap());
    let ann = identity(&both, &cookie).await;
    // A subject of the provider that is called as the account is.
    let token = issuer.token(&service.clock, "shop").subject(ann.subject()).sign();
    let namesake = identity(&both, &with_secret(&token)).await;
    assert_eq!(ann.subject(), namesake.subject());
    assert!(owns_order_of(&namesake, ann.subject()), "the tokens were there first");
    assert!(!owns_order_of(&ann, ann.subject()));
    for (who, own, other) in
        [(&ann, "urn:authz:accounts", PROVIDER), (&namesake, PROVIDER, "urn:authz:accounts")]
    {
        assert!(owns_invoice_of(who, own, ann.subject()));
        assert!(!owns_invoice_of(who, other, ann.subject()));
    }
    assert!(owns_order_of(&identity(&service.accounts.verifier(), &cookie).await, ann.subject()));
}

async fn a_session_and_a_key_end_wherever_they_are_kept(database: Database) {
    let service = Service::open(&database).await;
    let cookie = with_cookie(Request::get("/"), &service.newcomer("ann").await);
    let verifier = service.accounts.verifier();
    let ann = identity(&verifier, &cookie).await;
    let key = service.accounts.create_key(&ann, "till 7", &[], Duration::from_hours(1)).await;
    let program = identity(&verifier, &with_secret(key.unwrap().secret())).await;
    for who in [ann, program] {
        let until_end = who.expires_at().duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert!(verifier.accept(who.clone()).is_ok());
        // As for tokens: the clocks of two nodes may differ by the leeway.
        service.clock.set(until_end + 29);
        assert!(verifier.accept(who.clone()).is_ok());
        service.clock.set(until_end + 30);
        let denied = verifier.accept(who).unwrap_err();
        assert_eq!((denied.status().as_u16(), denied.outcome()), (401, "invalid_token"));
        service.clock.set(START);
    }
}

async fn a_scheme_without_a_token_leaves_the_cookie_its_turn(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let verifier = service.accounts.verifier();
    let ask = async |value: &'static str| {
        let request = Request::get("/").header(AUTHORIZATION, value);
        let request = with_cookie(request, &ann);
        verifier.authenticate(RequestHead::of(&request)).await.map_err(|denied| denied.status())
    };
    for bare in ["Bearer ", "bearer", "DPoP "] {
        assert_eq!(ask(bare).await.unwrap().client(), None, "{bare}");
    }
    // Who says on purpose who is asking is no browser.
    assert_eq!(ask("Basic YTpi").await.unwrap_err(), 401);
    assert_eq!(ask("Bearer a.b.c").await.unwrap_err(), 401);
    assert_eq!(ask("Bearer a b").await.unwrap_err(), 400);
}
