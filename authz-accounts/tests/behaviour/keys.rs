//! API keys: what they let in, and until when.

use std::time::{Duration, Instant};

use authz_accounts::{Error, NewKey};
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;

use crate::database::Database;
use crate::support::policy::Scope;
use crate::support::{Role, Service, admin, administer, builder};

crate::on_both_databases! {
    a_key_is_its_owner_with_fewer_scopes
    a_key_gives_no_more_than_its_owner_still_holds
    nobody_gives_a_key_more_than_they_hold
    a_key_expires
    a_key_is_rotated_with_an_overlap
    rotation_gives_nothing_back_that_the_owner_has_lost
    a_revoked_key_is_dead_at_once_and_elsewhere_within_a_second
    one_sees_and_revokes_one_s_own_keys_alone
    a_key_manages_nothing
    what_looks_like_a_key_is_refused_like_a_token
    uses_are_counted_and_written_later
    a_stolen_database_has_no_keys
}

const MONTH: Duration = Duration::from_hours(30 * 24);

impl Service {
    /// A clerk who is logged in, as an identity.
    async fn clerk(&self, name: &str) -> crate::support::Identity {
        self.newcomer(name).await;
        self.accounts.danger_grant_role(name, Role::Clerk).await.unwrap();
        self.identity(&self.log_in(name).await).await
    }

    async fn with_key(&self, method: &str, path: &str, key: &str) -> StatusCode {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        self.send(request.body(Body::empty()).unwrap()).await.status()
    }
}

async fn key_of(service: &Service, owner: &crate::support::Identity, scopes: &[Scope]) -> NewKey {
    service.accounts.create_key(owner, "till 7", scopes, MONTH).await.unwrap()
}

async fn a_key_is_its_owner_with_fewer_scopes(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let all = key_of(&service, &ann, &[Scope::WriteOrders]).await;
    let read = key_of(&service, &ann, &[Scope::ReadOrders]).await;
    assert_eq!(service.with_key("GET", "/me", all.secret()).await, 200);
    // A program sends what it likes from where it likes: no cookie comes along by itself.
    assert_eq!(service.with_key("POST", "/orders", all.secret()).await, 200);
    assert_eq!(service.with_key("GET", "/me", read.secret()).await, 200);
    assert_eq!(service.with_key("POST", "/orders", read.secret()).await, 403);
    // A key shows no log-in.
    assert_eq!(service.with_key("GET", "/step-up", all.secret()).await, 401);
    assert_eq!(service.with_key("GET", "/second-factor", all.secret()).await, 401);
    let request = Request::get("/").header(AUTHORIZATION, format!("Bearer {}", read.secret()));
    let request = request.body(()).unwrap();
    let head = authz_core::http::RequestHead::of(&request);
    let identity = service.accounts.verifier().authenticate(head).await.unwrap();
    assert_eq!(identity.subject(), ann.subject());
    assert_eq!(identity.roles().collect::<Vec<_>>(), [Role::Clerk]);
    assert_eq!(identity.client(), Some(format!("key {}", read.id()).as_str()));
    assert!(!identity.is_client());
}

async fn a_key_gives_no_more_than_its_owner_still_holds(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let key = key_of(&service, &ann, &[Scope::WriteOrders]).await;
    assert_eq!(service.with_key("POST", "/orders", key.secret()).await, 200);
    let guard = admin().authorize::<administer>().unwrap();
    service.accounts.revoke_role(&guard, "ann", Role::Clerk).await.unwrap();
    assert_eq!(service.with_key("POST", "/orders", key.secret()).await, 403);
    assert_eq!(service.with_key("GET", "/me", key.secret()).await, 200);
    service.accounts.disable(&guard, "ann").await.unwrap();
    assert_eq!(service.with_key("GET", "/me", key.secret()).await, 401);
}

async fn nobody_gives_a_key_more_than_they_hold(database: Database) {
    let service = Service::open(&database).await;
    let cookie = service.newcomer("ann").await;
    let ann = service.identity(&cookie).await;
    let create = async |scopes: &[Scope], life: Duration| {
        service.accounts.create_key(&ann, "", scopes, life).await
    };
    assert!(matches!(create(&[Scope::ReadOrders], MONTH).await, Err(Error::NotAllowed(_))));
    create(&[], MONTH).await.unwrap();
    for life in [Duration::ZERO, Duration::from_hours(367 * 24), Duration::MAX] {
        let refused = create(&[], life).await;
        assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    }
    for _ in 1..100 {
        create(&[], MONTH).await.unwrap();
    }
    assert!(matches!(create(&[], MONTH).await, Err(Error::Conflict(_))));
}

async fn a_key_expires(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let key = key_of(&service, &ann, &[]).await;
    service.clock.advance(MONTH.saturating_sub(Duration::from_secs(1)));
    assert_eq!(service.with_key("GET", "/me", key.secret()).await, 200);
    service.clock.advance(Duration::from_secs(1));
    assert_eq!(service.with_key("GET", "/me", key.secret()).await, 401);
    let ann = service.identity(&service.log_in("ann").await).await;
    assert_eq!(service.accounts.keys(&ann).await.unwrap(), []);
}

async fn a_key_is_rotated_with_an_overlap(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let old = key_of(&service, &ann, &[Scope::WriteOrders]).await;
    let overlap = Duration::from_hours(1);
    let new = service.accounts.rotate_key(&ann, old.id(), overlap).await.unwrap();
    for key in [&old, &new] {
        assert_eq!(service.with_key("POST", "/orders", key.secret()).await, 200);
    }
    assert_eq!(new.expires_at(), old.expires_at());
    service.clock.advance(overlap);
    assert_eq!(service.with_key("POST", "/orders", old.secret()).await, 401);
    assert_eq!(service.with_key("POST", "/orders", new.secret()).await, 200);
    let again = service.accounts.rotate_key(&ann, old.id(), overlap).await;
    assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
}

async fn rotation_gives_nothing_back_that_the_owner_has_lost(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let old = key_of(&service, &ann, &[Scope::WriteOrders]).await;
    let guard = admin().authorize::<administer>().unwrap();
    service.accounts.revoke_role(&guard, "ann", Role::Clerk).await.unwrap();
    let ann = service.identity(&service.log_in("ann").await).await;
    let new = service.accounts.rotate_key(&ann, old.id(), MONTH).await.unwrap();
    service.accounts.danger_grant_role("ann", Role::Clerk).await.unwrap();
    assert_eq!(service.with_key("GET", "/me", new.secret()).await, 200);
    assert_eq!(service.with_key("POST", "/orders", new.secret()).await, 403);
}

async fn a_revoked_key_is_dead_at_once_and_elsewhere_within_a_second(database: Database) {
    let here = Service::open(&database).await;
    let there = Service::with(builder(&here.clock), &here.clock, &database).await;
    let ann = here.clerk("ann").await;
    let key = key_of(&here, &ann, &[]).await;
    for _ in 0..50 {
        assert_eq!(there.with_key("GET", "/me", key.secret()).await, 200);
        assert_eq!(here.with_key("GET", "/me", key.secret()).await, 200);
    }
    here.accounts.revoke_key(&ann, key.id()).await.unwrap();
    let revoked = Instant::now();
    assert_eq!(here.with_key("GET", "/me", key.secret()).await, 401);
    loop {
        let asked = Instant::now();
        if there.with_key("GET", "/me", key.secret()).await == 401 {
            break;
        }
        let since = asked.duration_since(revoked);
        assert!(since < Duration::from_secs(1), "let in {since:?} after it was revoked");
    }
}

async fn one_sees_and_revokes_one_s_own_keys_alone(database: Database) {
    let service = Service::open(&database).await;
    let (ann, bob) = (service.clerk("ann").await, service.clerk("bob").await);
    let key = key_of(&service, &ann, &[Scope::ReadOrders]).await;
    let keys = service.accounts.keys(&ann).await.unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!((&*keys[0].id, &*keys[0].label), (key.id(), "till 7"));
    assert_eq!(keys[0].scopes, ["read:orders"]);
    // The list shows nothing that opens anything.
    let shown = format!("{keys:?} {key:?}");
    let secret = key.secret().split('_').nth(1).unwrap();
    assert!(!shown.contains(secret), "{shown}");
    assert_eq!(service.accounts.keys(&bob).await.unwrap(), []);
    for id in [key.id(), "", "' OR 1=1", "\0"] {
        let revoked = service.accounts.revoke_key(&bob, id).await;
        assert!(matches!(revoked, Err(Error::NotFound { .. })), "{revoked:?}");
        let rotated = service.accounts.rotate_key(&bob, id, MONTH).await;
        assert!(matches!(rotated, Err(Error::NotFound { .. })), "{rotated:?}");
    }
    assert_eq!(service.with_key("GET", "/me", key.secret()).await, 200);
}

async fn a_key_manages_nothing(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let key = key_of(&service, &ann, &[]).await;
    let request = Request::get("/").header(AUTHORIZATION, format!("Bearer {}", key.secret()));
    let request = request.body(()).unwrap();
    let head = authz_core::http::RequestHead::of(&request);
    let identity = service.accounts.verifier().authenticate(head).await.unwrap();
    let made = service.accounts.create_key(&identity, "", &[], MONTH).await;
    assert!(matches!(made, Err(Error::NotAllowed(_))), "{made:?}");
    assert!(service.accounts.sessions(&identity).await.is_err());
    assert!(service.accounts.enrol_app(&identity).await.is_err());
}

async fn what_looks_like_a_key_is_refused_like_a_token(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let key = key_of(&service, &ann, &[]).await;
    let other = key_of(&service, &ann, &[]).await;
    service.accounts.revoke_key(&ann, other.id()).await.unwrap();
    let answer = async |key: &str| {
        let request = Request::get("/me").header(AUTHORIZATION, format!("Bearer {key}"));
        let response = service.send(request.body(Body::empty()).unwrap()).await;
        let challenge = response.headers()["www-authenticate"].clone();
        (response.status(), challenge, crate::support::text(response).await)
    };
    let expected = answer("a.b.c").await;
    assert_eq!(expected.0, 401);
    let mut wrong = key.secret().to_owned();
    wrong.pop();
    for key in [other.secret(), &wrong, "authz_", "authz_abc_def", &key.secret().to_uppercase()] {
        assert_eq!(answer(key).await, expected, "{key}");
    }
}

async fn uses_are_counted_and_written_later(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let key = key_of(&service, &ann, &[]).await;
    for _ in 0..7 {
        assert_eq!(service.with_key("GET", "/me", key.secret()).await, 200);
    }
    // What can't be written is not lost.
    database.run("ALTER TABLE api_key RENAME TO gone").await;
    assert!(service.accounts.flush().await.unwrap_err().is_unavailable());
    database.run("ALTER TABLE gone RENAME TO api_key").await;
    service.accounts.flush().await.unwrap();
    assert_eq!(service.with_key("GET", "/me", key.secret()).await, 200);
    service.accounts.flush().await.unwrap();
    let keys = service.accounts.keys(&ann).await.unwrap();
    let now = i64::try_from(crate::support::START).unwrap();
    assert_eq!((keys[0].uses, keys[0].last_used_at), (8, Some(now)));
}

async fn a_stolen_database_has_no_keys(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.clerk("ann").await;
    let key = key_of(&service, &ann, &[]).await;
    let secret = key.secret().split('_').nth(1).unwrap();
    let dump = database.dump();
    assert!(dump.contains("till 7") && !dump.contains(secret));
}
