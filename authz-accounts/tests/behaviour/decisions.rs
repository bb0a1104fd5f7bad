//! What the log of decisions says about accounts, of which the audit trail keeps what they did.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authz_core::audit::{Decision, Log, Record, Sink};
use authz_core::axum::Router;
use authz_core::axum::routing::post;
use authz_core::{Guard, requires};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use tower::ServiceExt as _;

use crate::database::Database;
use crate::support::policy::Scope;
use crate::support::{Role, Service, with_cookie};

crate::on_both_databases! {
    every_credential_of_an_account_is_decided_about_in_the_log
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Decision>>>);

impl Sink for Kept {
    fn take(&self, decision: Decision) {
        self.0.lock().unwrap().push(decision);
    }
}

impl Kept {
    fn record(&self) -> Record {
        let records: Vec<_> = self.0.lock().unwrap().drain(..).collect();
        assert_eq!(records.len(), 1, "{records:?}");
        records[0].record()
    }
}

#[requires(scope = "write:orders")]
async fn place_order(guard: Guard<place_order>) {
    if let Ok(guard) = guard.authorize() {
        close_shop(guard);
    }
}

/// Asked for in a body, of the identity that a guard has.
#[requires(role = "manager")]
fn close_shop(_guard: Guard<close_shop>) {}

async fn every_credential_of_an_account_is_decided_about_in_the_log(database: Database) {
    let service = Service::open(&database).await;
    let kept = Kept::default();
    let verifier = service.accounts.verifier().decisions_to(&Log::to(kept.clone()));
    let app = Router::new()
        .route("/orders", post(place_order))
        .nest("/account", service.accounts.routes())
        .secured_by(verifier);
    let send =
        async |request: Request| app.clone().oneshot(request).await.unwrap().status().as_u16();
    let from_here = || Request::post("/orders").header("sec-fetch-site", "same-origin");
    let with_key = |key: &str| {
        let request = Request::post("/orders").header(AUTHORIZATION, format!("Bearer {key}"));
        request.body(Body::empty()).unwrap()
    };

    // A session of somebody without a role, found in the database and then remembered.
    let cookie = service.newcomer("ann").await;
    let ann = service.identity(&cookie).await;
    for _ in 0..2 {
        assert_eq!(send(with_cookie(from_here(), &cookie)).await, 403);
        let record = kept.record();
        let who = record.who.unwrap();
        assert_eq!(
            (who.issuer.as_str(), who.subject.as_str()),
            ("urn:authz:accounts", ann.subject())
        );
        assert_eq!(
            (who.by.as_str(), who.credential.map(|it| it.len())),
            ("authenticator", Some(32))
        );
        assert_eq!(record.missing.unwrap().scopes, ["write:orders"]);
        // What roles will grant tomorrow, an account will have.
        assert!(record.held.unwrap().scopes_of_roles);
        assert_eq!(
            (record.method.as_deref(), record.route.as_deref()),
            (Some("POST"), Some("/orders"))
        );
    }
    // Another site made the browser send it.
    let elsewhere = Request::post("/orders").header("sec-fetch-site", "cross-site");
    assert_eq!(send(with_cookie(elsewhere, &cookie)).await, 403);
    let record = kept.record();
    assert_eq!((record.outcome.as_str(), &record.who), ("cross_site", &None));

    // Sessions and keys that are none, or not any more.
    for request in [with_cookie(from_here(), "__Host-session=swordfish"), with_key("swordfish")] {
        assert_eq!(send(request).await, 401);
        let record = kept.record();
        assert_eq!((record.outcome.as_str(), &record.who), ("invalid_token", &None));
        assert_eq!(record.function, "behaviour::decisions::place_order");
        assert!(!serde_json::to_string(&record).unwrap().contains("swordfish"));
    }

    // A key, whose call is granted: what is decided in the body goes to the same log.
    service.accounts.danger_grant_role("ann", Role::Clerk).await.unwrap();
    let ann = service.identity(&service.log_in("ann").await).await;
    let scopes = [Scope::WriteOrders];
    let key = service.accounts.create_key(&ann, "till 7", &scopes, Duration::from_hours(1)).await;
    let key = key.unwrap();
    for _ in 0..2 {
        assert_eq!(send(with_key(key.secret())).await, 200);
        let record = kept.record();
        assert_eq!(record.function, "behaviour::decisions::close_shop");
        assert_eq!(record.missing.unwrap().roles, ["manager"]);
        let held = record.held.unwrap();
        assert_eq!(
            (&held.scopes[..], held.scopes_of_roles),
            (&["write:orders".to_owned()][..], false)
        );
        let name = format!("key {}", key.id());
        assert_eq!(record.who.unwrap().client, Some(name));
        assert_eq!((&record.method, &record.route), (&None, &None));
    }

    // The handlers of the accounts themselves.
    let request = Request::get("/account/keys").body(Body::empty()).unwrap();
    assert_eq!(send(request).await, 401);
    let record = kept.record();
    assert!(record.function.starts_with("authz_accounts::"), "{record:?}");
    assert_eq!(record.route.as_deref(), Some("/account/keys"));
}
