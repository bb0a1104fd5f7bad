//! Sessions: how they begin, how they end, and who can't use them.

use std::time::Duration;

use authz_accounts::Error;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};

use crate::database::Database;
use crate::support::{
    OTHER_PASSWORD, PASSWORD, Service, admin, administer, cookie, home, text, with_cookie,
};

crate::on_both_databases! {
    a_planted_cookie_is_worthless
    another_site_can_not_use_the_cookie
    a_header_goes_before_a_cookie
    a_session_ends_when_it_is_idle
    a_session_ends_after_a_day
    use_is_remembered_over_nodes
    showing_the_password_again_begins_a_new_session
    a_new_password_ends_every_session
    a_session_that_is_over_makes_nothing_that_lasts
    one_sees_and_ends_one_s_own_sessions_alone
    logging_out_ends_the_session
    an_administrator_ends_sessions
    a_stolen_database_lets_nobody_in
    a_broken_database_is_503_and_nothing_is_half_done
}

async fn a_planted_cookie_is_worthless(database: Database) {
    let service = Service::open(&database).await;
    let planted = format!("__Host-session={}", "A".repeat(43));
    assert_eq!(service.get("/me", &planted).await, 401);
    let ann = service.newcomer("ann").await;
    assert_ne!(ann, planted);
    assert_eq!(service.get("/me", &planted).await, 401);
    // A second log-in over the first has another secret, and ends it where it is asked to.
    let again = service.log_in("ann").await;
    assert_ne!(again, ann);
    let request = with_cookie(Request::get("/"), &ann);
    service.accounts.end_session_of_cookie(request.headers()).await.unwrap();
    assert_eq!(service.get("/me", &ann).await, 401);
    assert_eq!(service.get("/me", &again).await, 200);
    // Two cookies of the name: one of them is not the browser's.
    assert_eq!(service.get("/me", &format!("{again}; {planted}")).await, 400);
}

async fn another_site_can_not_use_the_cookie(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let post = async |name: &'static str, value: &'static str| {
        let request = with_cookie(Request::post("/me").header(name, value), &ann);
        service.send(request).await.status()
    };
    assert_eq!(post("sec-fetch-site", "same-origin").await, 200);
    assert_eq!(post("sec-fetch-site", "cross-site").await, 403);
    assert_eq!(post("sec-fetch-site", "same-site").await, 403);
    assert_eq!(post("origin", "https://shop.example").await, 200);
    assert_eq!(post("origin", "https://evil.example").await, 403);
    assert_eq!(post("origin", "null").await, 403);
    assert_eq!(post("x-nothing", "at all").await, 403);
    let response = service.send(with_cookie(Request::post("/me"), &ann)).await;
    assert!(text(response).await.contains("urn:authz:problem:cross-site"));
    // To look is harmless, and a link from elsewhere leads to a page.
    let link = Request::get("/me").header("sec-fetch-site", "cross-site");
    assert_eq!(service.send(with_cookie(link, &ann)).await.status(), 200);
}

async fn a_header_goes_before_a_cookie(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let request = Request::get("/me").header(AUTHORIZATION, "Bearer a.b.c");
    assert_eq!(service.send(with_cookie(request, &ann)).await.status(), 401);
}

async fn a_session_ends_when_it_is_idle(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    for _ in 0..3 {
        service.clock.advance(Duration::from_mins(59));
        assert_eq!(service.get("/me", &ann).await, 200);
    }
    service.clock.advance(Duration::from_hours(1));
    assert_eq!(service.get("/me", &ann).await, 401);
}

async fn a_session_ends_after_a_day(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let identity = service.identity(&ann).await;
    let end = std::time::UNIX_EPOCH + Duration::from_secs(crate::support::START + 24 * 3_600);
    assert_eq!(identity.expires_at(), end);
    for _ in 0..47 {
        service.clock.advance(Duration::from_mins(30));
        assert_eq!(service.get("/me", &ann).await, 200);
    }
    service.clock.advance(Duration::from_mins(30));
    assert_eq!(service.get("/me", &ann).await, 401);
}

async fn use_is_remembered_over_nodes(database: Database) {
    let here = Service::open(&database).await;
    let there = Service::with(crate::support::builder(&here.clock), &here.clock, &database).await;
    let ann = here.newcomer("ann").await;
    assert_eq!(there.get("/me", &ann).await, 200);
    here.clock.advance(Duration::from_mins(50));
    assert_eq!(here.get("/me", &ann).await, 200);
    here.accounts.flush().await.unwrap();
    here.clock.advance(Duration::from_mins(50));
    // There it seems idle for a hundred minutes; the database knows better.
    assert_eq!(there.get("/me", &ann).await, 200);
}

async fn showing_the_password_again_begins_a_new_session(database: Database) {
    let service = Service::open(&database).await;
    let old = service.newcomer("ann").await;
    service.clock.advance(Duration::from_mins(6));
    let response = service.send(with_cookie(Request::get("/step-up"), &old)).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let challenge = response.headers()[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
    assert!(challenge.contains("max_age=300"), "{challenge}");
    let identity = service.identity(&old).await;
    let wrong = service.accounts.reauthenticate(&identity, "wrong", "", &home()).await;
    assert!(matches!(wrong, Err(Error::Refused)));
    let new = service.accounts.reauthenticate(&identity, PASSWORD, "", &home()).await.unwrap();
    assert_eq!(service.get("/step-up", &cookie(&new)).await, 200);
    assert_eq!(service.get("/me", &old).await, 401);
    // The old identity may still be held somewhere; its session is over.
    let again = service.accounts.reauthenticate(&identity, PASSWORD, "", &home()).await;
    assert!(matches!(again, Err(Error::Refused)), "{again:?}");
}

async fn a_new_password_ends_every_session(database: Database) {
    let service = Service::open(&database).await;
    let here = service.newcomer("ann").await;
    let there = service.log_in("ann").await;
    let bob = service.newcomer("bob").await;
    let identity = service.identity(&here).await;
    let change = async |present: &str, new: &str| {
        service.accounts.change_password(&identity, present, new, &home()).await
    };
    assert!(matches!(change("wrong", OTHER_PASSWORD).await, Err(Error::Refused)));
    assert!(matches!(change(PASSWORD, "short").await, Err(Error::Password(_))));
    assert_eq!(service.get("/me", &there).await, 200);
    let new = change(PASSWORD, OTHER_PASSWORD).await.unwrap();
    assert_eq!(service.get("/me", &here).await, 401);
    assert_eq!(service.get("/me", &there).await, 401);
    assert_eq!(service.get("/me", &cookie(&new)).await, 200);
    assert_eq!(service.get("/me", &bob).await, 200);
    assert!(service.accounts.log_in("ann", PASSWORD, &home()).await.is_err());
    service.accounts.log_in("ann", OTHER_PASSWORD, &home()).await.unwrap();
}

/// The body of a request may come long after the guard has let its head pass.
async fn a_session_that_is_over_makes_nothing_that_lasts(database: Database) {
    let service = Service::open(&database).await;
    let accounts = &service.accounts;
    let ann = service.newcomer("ann").await;
    let ann = service.identity(&ann).await;
    let month = Duration::from_hours(30 * 24);
    let key = accounts.create_key(&ann, "", &[], month).await.unwrap();
    let app = accounts.enrol_app(&ann).await.unwrap();
    accounts.log_out(&ann).await.unwrap();
    let is_refused = |error: Error| assert!(matches!(error, Error::Refused), "{error:?}");
    is_refused(accounts.create_key(&ann, "", &[], month).await.unwrap_err());
    is_refused(accounts.rotate_key(&ann, key.id(), month).await.unwrap_err());
    is_refused(accounts.enrol_app(&ann).await.unwrap_err());
    let code = crate::second_factor::code(app.secret(), service.clock.now());
    is_refused(accounts.confirm_app(&ann, &code, &home()).await.unwrap_err());
    let changed = accounts.change_password(&ann, PASSWORD, OTHER_PASSWORD, &home()).await;
    is_refused(changed.unwrap_err());
    assert_eq!(database.number("SELECT COUNT(*) FROM session").await, 0);
    assert_eq!(database.number("SELECT COUNT(*) FROM api_key").await, 1);
    assert_eq!(database.number("SELECT COUNT(*) FROM totp WHERE confirmed_at > 0").await, 0);
    // Over by the clock, and not deleted yet.
    let ann = service.identity(&service.log_in("ann").await).await;
    service.clock.advance(Duration::from_hours(24));
    is_refused(accounts.create_key(&ann, "", &[], month).await.unwrap_err());
}

async fn one_sees_and_ends_one_s_own_sessions_alone(database: Database) {
    let service = Service::open(&database).await;
    let (ann, bob) = (service.newcomer("ann").await, service.newcomer("bob").await);
    let elsewhere = service.log_in("ann").await;
    let (annie, bobby) = (service.identity(&ann).await, service.identity(&bob).await);
    let sessions = service.accounts.sessions(&annie).await.unwrap();
    assert_eq!(sessions.len(), 2);
    for session in &sessions {
        assert_eq!(session.methods, ["pwd"]);
        let others = service.accounts.end_session(&bobby, &session.id).await;
        assert!(matches!(others, Err(Error::NotFound { .. })), "{others:?}");
    }
    let mine = annie.token_id().unwrap().strip_prefix("session ").unwrap();
    let other = sessions.iter().find(|session| session.id != mine).unwrap();
    service.accounts.end_session(&annie, &other.id).await.unwrap();
    assert_eq!(service.get("/me", &elsewhere).await, 401);
    assert_eq!(service.get("/me", &ann).await, 200);
    // An identity of elsewhere has no sessions here.
    let token = authz_core::testing::identity().subject(annie.subject()).build();
    assert!(matches!(service.accounts.sessions(&token).await, Err(Error::NotAllowed(_))));
}

async fn logging_out_ends_the_session(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let identity = service.identity(&ann).await;
    service.accounts.log_out(&identity).await.unwrap();
    assert_eq!(service.get("/me", &ann).await, 401);
    service.accounts.log_out(&identity).await.unwrap();
}

async fn an_administrator_ends_sessions(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    assert_eq!(service.get("/me", &ann).await, 200);
    let guard = admin().authorize::<administer>().unwrap();
    assert_eq!(service.accounts.end_sessions_of(&guard, "ann").await.unwrap(), 1);
    assert_eq!(service.get("/me", &ann).await, 401);
    let ann = service.log_in("ann").await;
    service.accounts.disable(&guard, "ann").await.unwrap();
    assert_eq!(service.get("/me", &ann).await, 401);
}

async fn a_stolen_database_lets_nobody_in(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let secret = ann.strip_prefix("__Host-session=").unwrap();
    let dump = database.dump();
    assert!(dump.contains("$argon2id$"), "the dump has the account");
    assert!(!dump.contains(secret) && !dump.contains(PASSWORD));
    // What it has for the cookie is no cookie.
    let pool = database.pool().await;
    let hash: String =
        sqlx::query_scalar("SELECT hash FROM session").fetch_one(&pool).await.unwrap();
    assert_eq!(service.get("/me", &format!("__Host-session={hash}")).await, 401);
}

async fn a_broken_database_is_503_and_nothing_is_half_done(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let sessions = database.number("SELECT COUNT(*) FROM session").await;
    // The last step of a log-in can't be made.
    database.run("ALTER TABLE audit RENAME TO gone").await;
    let error = service.accounts.log_in("ann", PASSWORD, &home()).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!error.to_string().contains("audit"), "{error}");
    assert!(service.accounts.sign_up("bob", PASSWORD, &home()).await.unwrap_err().is_unavailable());
    database.run("ALTER TABLE gone RENAME TO audit").await;
    assert_eq!(database.number("SELECT COUNT(*) FROM session").await, sessions);
    assert_eq!(database.number("SELECT COUNT(*) FROM account").await, 1);
    // Who asks when nobody can tell gets 503 and not 401.
    let bob = service.newcomer("bob").await;
    database.run("ALTER TABLE session RENAME TO gone").await;
    assert_eq!(service.get("/me", &bob).await, 503);
    database.run("ALTER TABLE gone RENAME TO session").await;
    assert_eq!(service.get("/me", &bob).await, 200);
    assert_eq!(service.post("/me", &ann).await, 200);
    assert!(service.accounts.verify_audit().await.unwrap().faults.is_empty());
}
