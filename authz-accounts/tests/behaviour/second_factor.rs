//! The second factor: codes of an app that the test is, and recovery codes.

use std::time::Duration;

use authz_accounts::{Accounts, Error, RecoveryCodes, Source};
use authz_core::testing::Clock;
use aws_lc_rs::hmac;
use axum::extract::Request;
use axum::http::HeaderMap;
use data_encoding::BASE32_NOPAD;

use crate::database::Database;
use crate::support::{
    PASSWORD, Policy, START, Service, admin, administer, builder, cookie, home, with_cookie,
};

crate::on_both_databases! {
    an_app_counts_after_its_first_code
    after_the_password_the_session_waits_for_the_code
    a_code_is_accepted_once
    a_recovery_code_is_accepted_once
    wrong_codes_make_the_source_wait
    after_a_hundred_wrong_codes_the_app_is_dead
    a_wrong_code_for_a_new_app_is_on_record
    who_logs_in_while_an_app_begins_to_count_needs_it
    a_short_password_does_not_outlive_the_app
    showing_both_again_steps_up
    a_short_password_needs_the_app
    an_administrator_takes_a_lost_app_away
    seeds_are_sealed_with_the_pepper
}

/// The app: six digits for a seed at a time.
pub(crate) fn code(secret: &str, seconds: u64) -> String {
    let seed = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed);
    let tag = hmac::sign(&key, &(seconds / 30).to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let bytes = tag.as_ref()[offset..offset + 4].try_into().unwrap();
    format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000)
}

/// Somebody with an app.
pub(crate) struct Enrolled {
    pub(crate) secret: String,
    pub(crate) cookie: String,
    pub(crate) codes: RecoveryCodes,
}

impl Service {
    /// The code that the app shows now; time goes on, since each is accepted once.
    pub(crate) fn next_code(&self, secret: &str) -> String {
        self.clock.advance(Duration::from_secs(30));
        code(secret, self.clock.now())
    }

    pub(crate) async fn enrolled(&self, name: &str) -> Enrolled {
        self.newcomer(name).await;
        self.enrol(name).await
    }

    /// An app for somebody who has an account.
    pub(crate) async fn enrol(&self, name: &str) -> Enrolled {
        let identity = self.identity(&self.log_in(name).await).await;
        let secret = self.accounts.enrol_app(&identity).await.unwrap().secret().to_owned();
        let code = self.next_code(&secret);
        let (session, codes) = self.accounts.confirm_app(&identity, &code, &home()).await.unwrap();
        Enrolled { secret, cookie: cookie(&session), codes }
    }
}

/// The headers that a browser sends with this cookie.
pub(crate) fn headers(cookie: &str) -> HeaderMap {
    with_cookie(Request::post("/"), cookie).headers().clone()
}

async fn show(accounts: &Accounts<Policy>, cookie: &str, code: &str) -> Result<String, Error> {
    let session = accounts.second_factor(&headers(cookie), code, &home()).await?;
    Ok(crate::support::cookie(&session))
}

async fn an_app_counts_after_its_first_code(database: Database) {
    let clock = Clock::at(START);
    let service = Service::with(builder(&clock).service("The Shop"), &clock, &database).await;
    let first = service.newcomer("ann@example.com").await;
    let identity = service.identity(&first).await;
    let abandoned = service.accounts.enrol_app(&identity).await.unwrap();
    // Not confirmed: the password is still enough.
    let second = service.log_in("ann@example.com").await;
    assert_eq!(service.get("/me", &second).await, 200);
    let enrolment = service.accounts.enrol_app(&identity).await.unwrap();
    assert_ne!(enrolment.secret(), abandoned.secret());
    assert_eq!(BASE32_NOPAD.decode(enrolment.secret().as_bytes()).unwrap().len(), 20);
    let uri = enrolment.uri();
    assert!(uri.starts_with("otpauth://totp/The%20Shop:ann%40example.com?secret="), "{uri}");
    let picture = enrolment.svg().unwrap();
    assert!(picture.starts_with("<svg") && picture.ends_with("</svg>"), "{picture:.60}");
    let wrong = code(abandoned.secret(), clock.now());
    let wrong = service.accounts.confirm_app(&identity, &wrong, &home()).await;
    assert!(matches!(wrong, Err(Error::Refused)));
    let right = code(enrolment.secret(), clock.now());
    let (session, codes) = service.accounts.confirm_app(&identity, &right, &home()).await.unwrap();
    let codes: Vec<_> = codes.iter().collect();
    assert_eq!((codes.len(), codes[0].len()), (10, 29));
    // The old sessions had one factor.
    for old in [&first, &second] {
        assert_eq!(service.get("/me", old).await, 401);
    }
    let identity = service.identity(&cookie(&session)).await;
    assert_eq!(identity.amr().collect::<Vec<_>>(), ["pwd", "otp", "mfa"]);
    assert_eq!((identity.acr(), identity.mfa()), (Some("aal2"), true));
    assert_eq!(service.accounts.second_factor_of(&identity).await.unwrap(), (true, 10));
    assert!(matches!(service.accounts.enrol_app(&identity).await, Err(Error::Conflict(_))));
}

async fn after_the_password_the_session_waits_for_the_code(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    let session = service.accounts.log_in("ann", PASSWORD, &home()).await.unwrap();
    assert!(session.needs_second_factor());
    let waiting = cookie(&session);
    assert_eq!(service.get("/me", &waiting).await, 401);
    assert!(matches!(show(&service.accounts, &waiting, "000000").await, Err(Error::Refused)));
    let whole = show(&service.accounts, &waiting, &service.next_code(&ann.secret)).await.unwrap();
    assert_ne!(whole, waiting);
    assert_eq!(service.get("/second-factor", &whole).await, 200);
    // The one that waited is over, and a whole one waits for nothing.
    for cookie in [&waiting, &whole, "__Host-session=x", "a=b"] {
        let again = show(&service.accounts, cookie, &service.next_code(&ann.secret)).await;
        assert!(matches!(again, Err(Error::Refused)), "{cookie}: {again:?}");
    }
    // It does not wait for ever.
    let late = service.log_in("ann").await;
    service.clock.advance(Duration::from_mins(10));
    let late = show(&service.accounts, &late, &service.next_code(&ann.secret)).await;
    assert!(matches!(late, Err(Error::Refused)), "{late:?}");
}

async fn a_code_is_accepted_once(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    let code = service.next_code(&ann.secret);
    let (one, two) = (service.log_in("ann").await, service.log_in("ann").await);
    // At once, as somebody would who looks over a shoulder.
    let (first, second) =
        tokio::join!(show(&service.accounts, &one, &code), show(&service.accounts, &two, &code));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    // And not a later one first and this one then.
    let earlier = super::second_factor::code(&ann.secret, service.clock.now() - 30);
    let third = service.log_in("ann").await;
    assert!(show(&service.accounts, &third, &earlier).await.is_err());
    assert!(show(&service.accounts, &third, &service.next_code(&ann.secret)).await.is_ok());
}

async fn a_recovery_code_is_accepted_once(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    let dump = database.dump();
    for code in ann.codes.iter() {
        assert!(!dump.contains(code) && !dump.contains(&code.replace('-', "")));
    }
    let code = ann.codes.iter().next().unwrap();
    let typed = code.to_uppercase().replace('-', " ");
    let session = show(&service.accounts, &service.log_in("ann").await, &typed).await.unwrap();
    let identity = service.identity(&session).await;
    assert_eq!(identity.amr().collect::<Vec<_>>(), ["pwd", "recovery", "mfa"]);
    assert_eq!(service.accounts.second_factor_of(&identity).await.unwrap(), (true, 9));
    let again = show(&service.accounts, &service.log_in("ann").await, code).await;
    assert!(matches!(again, Err(Error::Refused)));
    // Somebody else's is none.
    let bob = service.enrolled("bob").await;
    let (waiting, foreign) = (service.log_in("ann").await, bob.codes.iter().next().unwrap());
    let foreign = show(&service.accounts, &waiting, foreign).await;
    assert!(matches!(foreign, Err(Error::Refused)));
    // New ones take the place of all.
    let other = ann.codes.iter().nth(1).unwrap();
    let new = service.accounts.new_recovery_codes(&identity).await.unwrap();
    assert!(show(&service.accounts, &service.log_in("ann").await, other).await.is_err());
    let new = new.iter().next().unwrap();
    show(&service.accounts, &service.log_in("ann").await, new).await.unwrap();
}

async fn wrong_codes_make_the_source_wait(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    let evil = Source::named("evil");
    let waiting = headers(&service.log_in("ann").await);
    for _ in 0..5 {
        let wrong = service.accounts.second_factor(&waiting, "000000", &evil).await;
        assert!(matches!(wrong, Err(Error::Refused)), "{wrong:?}");
    }
    let code = service.next_code(&ann.secret);
    service.clock.set(service.clock.now() - 30);
    let waits = service.accounts.second_factor(&waiting, &code, &evil).await;
    assert!(matches!(waits, Err(Error::Throttled { .. })), "{waits:?}");
    // The right password does not wash it clean.
    let _ = service.accounts.log_in("ann", PASSWORD, &evil).await;
    let waits = service.accounts.second_factor(&waiting, &code, &evil).await;
    assert!(matches!(waits, Err(Error::Throttled { .. })), "{waits:?}");
    assert!(service.accounts.second_factor(&waiting, &code, &home()).await.is_ok());
}

async fn after_a_hundred_wrong_codes_the_app_is_dead(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    let waiting = headers(&service.log_in("ann").await);
    for bot in 0..100 {
        let source = Source::named(&format!("bot {bot}"));
        let wrong = service.accounts.second_factor(&waiting, "000000", &source).await;
        assert!(matches!(wrong, Err(Error::Refused)), "{wrong:?}");
    }
    let code = service.next_code(&ann.secret);
    let right = service.accounts.second_factor(&waiting, &code, &home()).await;
    assert!(matches!(right, Err(Error::Refused)), "{right:?}");
    let records = service.accounts.audit(0, 1000).await.unwrap();
    let count = |event: &str| records.iter().filter(|record| record.event == event).count();
    assert_eq!((count("code_failed"), count("locked")), (101, 1));
    // What has 120 bits can't be guessed, and brings the app back.
    let recovery = ann.codes.iter().next().unwrap();
    let source = Source::named("another");
    service.accounts.second_factor(&waiting, recovery, &source).await.unwrap();
    let again = service.log_in("ann").await;
    let code = service.next_code(&ann.secret);
    service.accounts.second_factor(&headers(&again), &code, &source).await.unwrap();
}

async fn a_wrong_code_for_a_new_app_is_on_record(database: Database) {
    let service = Service::open(&database).await;
    let identity = service.identity(&service.newcomer("ann").await).await;
    service.accounts.enrol_app(&identity).await.unwrap();
    let wrong = service.accounts.confirm_app(&identity, "wrong", &home()).await;
    assert!(matches!(wrong, Err(Error::Refused)), "{wrong:?}");
    let records = service.accounts.audit_of(&identity, 1).await.unwrap();
    assert_eq!(records[0].event, "code_failed");
}

async fn who_logs_in_while_an_app_begins_to_count_needs_it(database: Database) {
    let service = Service::open(&database).await;
    let identity = service.identity(&service.newcomer("ann").await).await;
    let secret = service.accounts.enrol_app(&identity).await.unwrap().secret().to_owned();
    let code = code(&secret, service.clock.now());
    // Both come to their last step, and no further.
    let pool = database.pool().await;
    let mut held = pool.begin().await.unwrap();
    sqlx::query("UPDATE audit_chain SET seq = seq").execute(&mut *held).await.unwrap();
    let accounts = service.accounts.clone();
    let log_in = tokio::spawn(async move { accounts.log_in("ann", PASSWORD, &home()).await });
    database.until_waiting(1).await;
    let (accounts, source) = (service.accounts.clone(), Source::named("elsewhere"));
    let confirm =
        tokio::spawn(async move { accounts.confirm_app(&identity, &code, &source).await });
    database.until_waiting(2).await;
    held.commit().await.unwrap();
    let (session, confirmed) = (log_in.await.unwrap().unwrap(), confirm.await.unwrap());
    confirmed.unwrap();
    assert_eq!(service.get("/me", &cookie(&session)).await, 401);
}

async fn a_short_password_does_not_outlive_the_app(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    let identity = service.identity(&ann.cookie).await;
    // The change has seen the app, and waits for its turn.
    let pool = database.pool().await;
    let mut held = pool.begin().await.unwrap();
    sqlx::query("UPDATE account SET failures = failures").execute(&mut *held).await.unwrap();
    let accounts = service.accounts.clone();
    let change = tokio::spawn(async move {
        accounts.change_password(&identity, PASSWORD, "kf93mdiw", &home()).await
    });
    database.until_waiting(1).await;
    sqlx::query("DELETE FROM totp").execute(&mut *held).await.unwrap();
    held.commit().await.unwrap();
    let changed = change.await.unwrap();
    assert!(matches!(changed, Err(Error::Password(_))), "{changed:?}");
}

/// Two codes of one account at once, a click apart.
#[tokio::test(flavor = "multi_thread")]
async fn codes_at_once_do_not_wait_for_each_other() {
    let Some(database) = Database::postgres() else { return };
    let service = Service::open(&database).await;
    service.enrolled("ann").await;
    let waiting = headers(&service.log_in("ann").await);
    let pool = database.pool().await;
    // As far as one that was right.
    let mut first = pool.begin().await.unwrap();
    sqlx::query("UPDATE totp SET failures = 0").execute(&mut *first).await.unwrap();
    let accounts = service.accounts.clone();
    let second =
        tokio::spawn(async move { accounts.second_factor(&waiting, "wrong", &home()).await });
    database.until_waiting(1).await;
    sqlx::query("UPDATE throttle SET waits_until = 0").execute(&mut *first).await.unwrap();
    first.commit().await.unwrap();
    let second = second.await.unwrap();
    assert!(matches!(second, Err(Error::Refused)), "{second:?}");
}

async fn showing_both_again_steps_up(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    service.clock.advance(Duration::from_mins(6));
    assert_eq!(service.get("/step-up", &ann.cookie).await, 401);
    let identity = service.identity(&ann.cookie).await;
    let accounts = &service.accounts;
    let without = accounts.reauthenticate(&identity, PASSWORD, "", &home()).await;
    assert!(matches!(without, Err(Error::Refused)), "{without:?}");
    let code = service.next_code(&ann.secret);
    let wrong = accounts.reauthenticate(&identity, "wrong", &code, &home()).await;
    assert!(matches!(wrong, Err(Error::Refused)), "{wrong:?}");
    let session = accounts.reauthenticate(&identity, PASSWORD, &code, &home()).await.unwrap();
    assert_eq!(service.get("/step-up", &cookie(&session)).await, 200);
    assert_eq!(service.get("/second-factor", &cookie(&session)).await, 200);
    assert_eq!(service.get("/me", &ann.cookie).await, 401);
}

async fn a_short_password_needs_the_app(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    let identity = service.identity(&ann.cookie).await;
    let accounts = &service.accounts;
    let changed = accounts.change_password(&identity, PASSWORD, "kf93mdiw", &home()).await;
    let identity = service.identity(&cookie(&changed.unwrap())).await;
    assert!(identity.mfa());
    let removed = accounts.remove_app(&identity).await;
    assert!(matches!(removed, Err(Error::Conflict(_))), "{removed:?}");
    let changed = accounts.change_password(&identity, "kf93mdiw", PASSWORD, &home()).await;
    let session = cookie(&changed.unwrap());
    let identity = service.identity(&session).await;
    accounts.remove_app(&identity).await.unwrap();
    assert_eq!(accounts.second_factor_of(&identity).await.unwrap(), (false, 0));
    assert!(!accounts.log_in("ann", PASSWORD, &home()).await.unwrap().needs_second_factor());
    let short = accounts.change_password(&identity, PASSWORD, "kf93mdiw", &home()).await;
    assert!(matches!(short, Err(Error::Password(_))), "{short:?}");
}

async fn an_administrator_takes_a_lost_app_away(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    let guard = admin().authorize::<administer>().unwrap();
    service.accounts.reset_second_factor(&guard, "ann").await.unwrap();
    assert_eq!(service.get("/me", &ann.cookie).await, 401);
    let session = service.log_in("ann").await;
    assert_eq!(service.get("/me", &session).await, 200);
    assert_eq!(service.get("/second-factor", &session).await, 401);
}

async fn seeds_are_sealed_with_the_pepper(database: Database) {
    let clock = Clock::at(START);
    let service = Service::with(builder(&clock).pepper(b"of the vault"), &clock, &database).await;
    let ann = service.enrolled("ann").await;
    assert_eq!(database.number("SELECT COUNT(*) FROM totp WHERE seed LIKE 'sealed.%'").await, 1);
    let waiting = service.log_in("ann").await;
    show(&service.accounts, &waiting, &service.next_code(&ann.secret)).await.unwrap();
    // One account's seed is no other's.
    let bob = service.enrolled("bob").await;
    database.run("UPDATE totp SET seed = (SELECT MIN(seed) FROM totp), last_step = 0").await;
    let mut opened = 0;
    for (name, secret) in [("ann", &ann.secret), ("bob", &bob.secret)] {
        let waiting = service.log_in(name).await;
        match show(&service.accounts, &waiting, &service.next_code(secret)).await {
            Ok(_) => opened += 1,
            Err(error) => assert!(error.is_unavailable(), "{error:?}"),
        }
    }
    assert_eq!(opened, 1);
}
