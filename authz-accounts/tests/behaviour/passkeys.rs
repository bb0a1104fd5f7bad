//! Passkeys, of an authenticator that the test is.

use std::time::Duration;

use authz_accounts::{Accounts, Error, NewSession, Source};
use authz_core::testing::Clock;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::authenticator::{Authenticator, DOMAIN, ORIGIN};
use crate::database::Database;
use crate::second_factor::{code, headers};
use crate::support::{PASSWORD, Policy, START, Service, admin, administer, builder, cookie, home};

crate::on_both_databases! {
    a_passkey_is_both_factors
    a_passkey_is_the_second_factor
    a_challenge_is_answered_once_and_in_time
    a_challenge_is_for_what_it_was_asked_for
    a_counter_that_does_not_grow_is_refused
    a_key_without_a_counter_is_used_again
    what_is_not_signed_for_this_site_by_its_user_is_refused
    a_passkey_is_registered_once
    an_rsa_key_that_can_be_broken_is_refused
    a_removed_passkey_and_its_sessions_are_dead
    what_is_left_decides_about_short_passwords_and_recovery_codes
    one_sees_and_removes_one_s_own_passkeys_alone
    an_administrator_shuts_passkeys_out
    showing_a_passkey_again_steps_up
    a_session_that_is_over_registers_nothing
    who_logs_in_while_a_passkey_is_added_needs_it
    a_source_has_a_bounded_number_of_challenges
    a_locked_password_leaves_the_passkey
    what_is_no_answer_is_refused
}

impl Service {
    pub(crate) async fn with_passkeys(database: &Database) -> Self {
        let clock = Clock::at(START);
        let builder = builder(&clock).passkeys(DOMAIN, ORIGIN);
        Self::with(builder, &clock, database).await
    }

    /// Somebody whose second factor is a passkey; and the cookie.
    async fn with_passkey(&self, name: &str) -> (Authenticator, String) {
        let session = self.newcomer(name).await;
        let mut key = Authenticator::new(name.as_bytes());
        let session = self.add(&session, &mut key).await.unwrap();
        (key, cookie(&session))
    }

    pub(crate) async fn add(
        &self,
        session: &str,
        key: &mut Authenticator,
    ) -> Result<NewSession, Error> {
        let identity = self.identity(session).await;
        let answer = key.create(&self.accounts.begin_passkey(&identity).await?);
        Ok(self.accounts.add_passkey(&identity, "a key", &answer).await?.0)
    }

    async fn show(&self, key: &mut Authenticator) -> Result<String, Error> {
        log_in(&self.accounts, key).await
    }

    /// What the audit trail says last.
    async fn last(&self) -> (String, Value) {
        let records = self.accounts.audit(0, 1000).await.unwrap();
        let last = records.last().unwrap();
        (last.event.clone(), serde_json::from_str(last.detail.get()).unwrap())
    }
}

async fn log_in(accounts: &Accounts<Policy>, key: &mut Authenticator) -> Result<String, Error> {
    let answer = key.get(&accounts.begin_passkey_log_in(&home()).await?);
    Ok(cookie(&accounts.passkey_log_in(&answer, &home()).await?))
}

#[track_caller]
fn require_refused<T>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Refused)), "{:?}", result.err());
}

async fn a_passkey_is_both_factors(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let first = service.newcomer("ann").await;
    let identity = service.identity(&first).await;
    let mut key = Authenticator::new(b"a key of ann");
    let options = accounts.begin_passkey(&identity).await.unwrap();
    let wanted = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(
        (&wanted["residentKey"], &wanted["userVerification"]),
        (&json!("required"), &json!("required"))
    );
    assert_eq!(options["publicKey"]["attestation"], "none");
    let answer = key.create(&options);
    let (session, codes) = accounts.add_passkey(&identity, "phone", &answer).await.unwrap();
    assert_eq!(codes.unwrap().iter().count(), 10);
    // The old session had one factor.
    assert_eq!(service.get("/me", &first).await, 401);
    let identity = service.identity(&cookie(&session)).await;
    assert_eq!(identity.amr().collect::<Vec<_>>(), ["pwd", "pop", "user", "mfa"]);

    let session = service.show(&mut key).await.unwrap();
    let identity = service.identity(&session).await;
    assert_eq!(identity.amr().collect::<Vec<_>>(), ["pop", "user", "mfa"]);
    assert_eq!((identity.acr(), identity.mfa()), (Some("aal2"), true));
    assert_eq!(service.get("/second-factor", &session).await, 200);
    let (event, detail) = service.last().await;
    assert_eq!(event, "log_in");
    let listed = accounts.passkeys(&identity).await.unwrap();
    assert_eq!((listed[0].label.as_str(), &json!(listed[0].id)), ("phone", &detail["passkey"]));
    assert_eq!(listed[0].last_used_at, i64::try_from(START).unwrap());
}

async fn a_passkey_is_the_second_factor(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let (mut key, _) = service.with_passkey("ann").await;
    let (mut other, _) = service.with_passkey("bob").await;
    let waiting = service.log_in("ann").await;
    assert_eq!(service.get("/me", &waiting).await, 401);
    // Somebody else's is none.
    let options = accounts.begin_passkey_second_factor(&headers(&waiting)).await.unwrap();
    assert_eq!(options["publicKey"]["allowCredentials"].as_array().unwrap().len(), 1);
    let foreign = other.get(&options);
    require_refused(accounts.passkey_second_factor(&headers(&waiting), &foreign, &home()).await);
    assert_eq!(service.last().await.1["reason"], "unknown");
    let options = accounts.begin_passkey_second_factor(&headers(&waiting)).await.unwrap();
    let shown = key.get(&options);
    let shown = accounts.passkey_second_factor(&headers(&waiting), &shown, &home()).await;
    let session = cookie(&shown.unwrap());
    let identity = service.identity(&session).await;
    assert_eq!(identity.amr().collect::<Vec<_>>(), ["pwd", "pop", "user", "mfa"]);
    // The session that waited is over, and one that does not wait is asked nothing.
    require_refused(accounts.begin_passkey_second_factor(&headers(&waiting)).await);
    require_refused(accounts.begin_passkey_second_factor(&headers(&session)).await);
}

async fn a_challenge_is_answered_once_and_in_time(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let (mut key, _) = service.with_passkey("ann").await;
    let options = accounts.begin_passkey_log_in(&home()).await.unwrap();
    let answer = key.get(&options);
    // At once, as somebody would who has read the answer on its way.
    let (source, other) = (home(), Source::named("elsewhere"));
    let (one, two) = tokio::join!(
        accounts.passkey_log_in(&answer, &source),
        accounts.passkey_log_in(&answer, &other)
    );
    assert!(one.is_ok() != two.is_ok());
    require_refused(accounts.passkey_log_in(&answer, &home()).await);
    // A second answer to it, right as it would be.
    require_refused(accounts.passkey_log_in(&key.get(&options), &home()).await);
    // After a wrong answer, no right one.
    let options = accounts.begin_passkey_log_in(&home()).await.unwrap();
    key.signs = false;
    require_refused(accounts.passkey_log_in(&key.get(&options), &home()).await);
    key.signs = true;
    require_refused(accounts.passkey_log_in(&key.get(&options), &home()).await);
    // Late by a second.
    let options = accounts.begin_passkey_log_in(&home()).await.unwrap();
    service.clock.advance(Duration::from_mins(5));
    require_refused(accounts.passkey_log_in(&key.get(&options), &home()).await);
    // One that nobody asked for.
    let own = json!({ "publicKey": { "challenge": "AAAA" } });
    require_refused(accounts.passkey_log_in(&key.get(&own), &home()).await);
    service.show(&mut key).await.unwrap();
}

async fn a_challenge_is_for_what_it_was_asked_for(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let (mut key, session) = service.with_passkey("ann").await;
    let identity = service.identity(&session).await;
    let other = service.identity(&service.show(&mut key).await.unwrap()).await;
    let waiting = headers(&service.log_in("ann").await);
    // Of a log-in for the others, and the other way round.
    let options = accounts.begin_passkey_log_in(&home()).await.unwrap();
    let answer = key.get(&options);
    require_refused(accounts.passkey_second_factor(&waiting, &answer, &home()).await);
    require_refused(accounts.reauthenticate_with_passkey(&identity, &answer, &home()).await);
    let options = accounts.begin_passkey_reauthentication(&identity).await.unwrap();
    let answer = key.get(&options);
    require_refused(accounts.passkey_log_in(&answer, &home()).await);
    require_refused(accounts.passkey_second_factor(&waiting, &answer, &home()).await);
    let options = accounts.begin_passkey(&identity).await.unwrap();
    let answer_to_another = key.get(&options);
    let taken = accounts.reauthenticate_with_passkey(&identity, &answer_to_another, &home()).await;
    require_refused(taken);
    // Of one session for another, also of the same account.
    require_refused(accounts.reauthenticate_with_passkey(&other, &answer, &home()).await);
    accounts.reauthenticate_with_passkey(&identity, &answer, &home()).await.unwrap();
    let options = accounts.begin_passkey(&other).await.unwrap();
    let answer = Authenticator::new(b"another").create(&options);
    let bob = service.identity(&service.newcomer("bob").await).await;
    require_refused(accounts.add_passkey(&bob, "", &answer).await);
    // The later one takes the place of the one before.
    let later = accounts.begin_passkey(&other).await.unwrap();
    require_refused(accounts.add_passkey(&other, "", &answer).await);
    let answer = Authenticator::new(b"another").create(&later);
    let (_, codes) = accounts.add_passkey(&other, "", &answer).await.unwrap();
    assert!(codes.is_none(), "there are some already");
}

async fn a_counter_that_does_not_grow_is_refused(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let (mut key, _) = service.with_passkey("ann").await;
    key.counter = 10;
    service.show(&mut key).await.unwrap();
    for counter in [10, 1, 9] {
        key.counter = counter;
        require_refused(service.show(&mut key).await);
        let (event, detail) = service.last().await;
        assert_eq!((event.as_str(), &detail["reason"]), ("passkey_failed", &json!("counter")));
    }
    key.counter = 11;
    service.show(&mut key).await.unwrap();
    // Of two at once, one finds the counter used.
    let accounts = &service.accounts;
    let one = accounts.begin_passkey_log_in(&home()).await.unwrap();
    let two = accounts.begin_passkey_log_in(&home()).await.unwrap();
    let one = key.get(&one);
    key.counter -= 1;
    let two = key.get(&two);
    let (source, other) = (home(), Source::named("elsewhere"));
    let (one, two) =
        tokio::join!(accounts.passkey_log_in(&one, &source), accounts.passkey_log_in(&two, &other));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

async fn a_key_without_a_counter_is_used_again(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let session = service.newcomer("ann").await;
    let mut key = Authenticator::new(b"synchronised");
    key.counter = 0;
    service.add(&session, &mut key).await.unwrap();
    for _ in 0..3 {
        service.show(&mut key).await.unwrap();
    }
}

async fn what_is_not_signed_for_this_site_by_its_user_is_refused(database: Database) {
    type Harm = fn(&mut Authenticator);
    let service = Service::with_passkeys(&database).await;
    let (key, _) = service.with_passkey("ann").await;
    let mut key = Some(key);
    let session = service.newcomer("bob").await;
    let harms: [Harm; 7] = [
        |key| key.verifies = false,
        |key| key.domain = "evil.example",
        |key| key.origin = "https://evil.example",
        |key| key.origin = "http://shop.example",
        |key| key.origin = "https://shop.example:8443",
        |key| key.origin = "https://www.shop.example",
        |key| key.kind = Some("payment.get"),
    ];
    for harm in harms {
        let ann = key.as_mut().unwrap();
        let fine = (ann.verifies, ann.domain, ann.origin, ann.kind);
        harm(ann);
        require_refused(service.show(ann).await);
        (ann.verifies, ann.domain, ann.origin, ann.kind) = fine;
        service.show(ann).await.unwrap();
        let mut new = Authenticator::new(b"new");
        harm(&mut new);
        require_refused(service.add(&session, &mut new).await);
    }
    let mut ann = key.unwrap();
    // Who it is said to be, and who it is.
    let handle = ann.handle.clone();
    ann.handle = service.identity(&session).await.subject().as_bytes().to_vec();
    require_refused(service.show(&mut ann).await);
    let accounts = &service.accounts;
    let mut nameless = ann.get(&accounts.begin_passkey_log_in(&home()).await.unwrap());
    nameless["response"]["userHandle"] = Value::Null;
    require_refused(accounts.passkey_log_in(&nameless, &home()).await);
    ann.handle = handle;
    // A key of the same name that is not the key.
    let mut forged = Authenticator::new(&ann.id);
    forged.handle.clone_from(&ann.handle);
    forged.counter = 1_000;
    require_refused(service.show(&mut forged).await);
    assert_eq!(service.last().await.1["reason"], "wrong");
    service.show(&mut ann).await.unwrap();
}

async fn a_passkey_is_registered_once(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let (mut key, session) = service.with_passkey("ann").await;
    let identity = service.identity(&session).await;
    let options = service.accounts.begin_passkey(&identity).await.unwrap();
    assert_eq!(options["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);
    require_refused(service.add(&session, &mut key).await);
    let bob = service.newcomer("bob").await;
    let mut same = Authenticator::new(&key.id);
    let foreign = service.add(&bob, &mut same).await;
    assert!(matches!(foreign, Err(Error::Conflict(_))), "{foreign:?}");
    assert_eq!(service.get("/me", &bob).await, 200, "nothing has happened");
    let mut session = session;
    for number in 1..20_u8 {
        let mut key = Authenticator::new(&[number]);
        session = cookie(&service.add(&session, &mut key).await.unwrap());
    }
    let more = service.add(&session, &mut Authenticator::new(b"more")).await;
    assert!(matches!(more, Err(Error::Conflict(_))), "{more:?}");
}

async fn an_rsa_key_that_can_be_broken_is_refused(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let session = service.newcomer("ann").await;
    // Of the tests of the detector of ROCA: with the fingerprint, divisible by 3, and sound.
    let [marked, divisible, sound] = [
        include_str!("../../../tests/vectors/roca/mod03.txt"),
        include_str!("../../../tests/vectors/roca/mod07.txt"),
        include_str!("../../../tests/vectors/roca/mod04.txt"),
    ]
    .map(|number| {
        let number = number.trim().strip_prefix("0x").unwrap();
        HEXLOWER.decode(number.as_bytes()).unwrap().try_into().unwrap()
    });
    let mut key = Authenticator::new(b"a key of ann");
    for modulus in [marked, divisible] {
        key.rsa = Some(modulus);
        require_refused(service.add(&session, &mut key).await);
    }
    assert_eq!(service.get("/me", &session).await, 200, "nothing has happened");
    key.rsa = Some(sound);
    service.add(&session, &mut key).await.unwrap();
}

async fn a_removed_passkey_and_its_sessions_are_dead(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let (mut stolen, session) = service.with_passkey("ann").await;
    let thief = service.show(&mut stolen).await.unwrap();
    let mut key = Authenticator::new(b"another");
    let session = cookie(&service.add(&session, &mut key).await.unwrap());
    // Adding one ends the sessions too.
    assert_eq!(service.get("/me", &thief).await, 401);
    let thief = service.show(&mut stolen).await.unwrap();
    let identity = service.identity(&session).await;
    let listed = accounts.passkeys(&identity).await.unwrap();
    let id = &listed.iter().find(|passkey| passkey.last_used_at > 0).unwrap().id;
    let session = cookie(&accounts.remove_passkey(&identity, id).await.unwrap());
    assert_eq!(service.get("/me", &thief).await, 401);
    assert_eq!(service.get("/second-factor", &session).await, 200);
    require_refused(service.show(&mut stolen).await);
    assert_eq!(service.last().await.0, "passkey_failed");
    service.show(&mut key).await.unwrap();
}

async fn what_is_left_decides_about_short_passwords_and_recovery_codes(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let (_, session) = service.with_passkey("ann").await;
    let identity = service.identity(&session).await;
    // Eight characters beside a second factor.
    let changed = accounts.change_password(&identity, PASSWORD, "kf93mdiw", &home()).await;
    let identity = service.identity(&cookie(&changed.unwrap())).await;
    let id = accounts.passkeys(&identity).await.unwrap()[0].id.clone();
    let removed = accounts.remove_passkey(&identity, &id).await;
    assert!(matches!(removed, Err(Error::Conflict(_))), "{removed:?}");
    assert_eq!(accounts.second_factor_of(&identity).await.unwrap(), (false, 10));
    // With an app beside it, each of them can go, and the codes stay for the other.
    let secret = accounts.enrol_app(&identity).await.unwrap().secret().to_owned();
    let now = code(&secret, service.clock.now());
    let (session, _) = accounts.confirm_app(&identity, &now, &home()).await.unwrap();
    let identity = service.identity(&cookie(&session)).await;
    let session = accounts.remove_passkey(&identity, &id).await.unwrap();
    let session = cookie(&session);
    let identity = service.identity(&session).await;
    assert_eq!(accounts.second_factor_of(&identity).await.unwrap(), (true, 10));
    let session = service.add(&session, &mut Authenticator::new(b"another")).await.unwrap();
    let identity = service.identity(&cookie(&session)).await;
    let id = accounts.passkeys(&identity).await.unwrap()[0].id.clone();
    accounts.remove_app(&identity).await.unwrap();
    assert_eq!(accounts.second_factor_of(&identity).await.unwrap(), (false, 10));
    assert!(
        service.accounts.log_in("ann", "kf93mdiw", &home()).await.unwrap().needs_second_factor()
    );
    // With a long password the last one goes, and the codes with it.
    let changed = accounts.change_password(&identity, "kf93mdiw", PASSWORD, &home()).await;
    let identity = service.identity(&cookie(&changed.unwrap())).await;
    let session = accounts.remove_passkey(&identity, &id).await.unwrap();
    let identity = service.identity(&cookie(&session)).await;
    assert_eq!(accounts.second_factor_of(&identity).await.unwrap(), (false, 0));
    assert!(!accounts.log_in("ann", PASSWORD, &home()).await.unwrap().needs_second_factor());
}

async fn one_sees_and_removes_one_s_own_passkeys_alone(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let (mut key, session) = service.with_passkey("ann").await;
    let ann = service.identity(&session).await;
    let bob = service.identity(&service.with_passkey("bob").await.1).await;
    let id = accounts.passkeys(&ann).await.unwrap()[0].id.clone();
    assert_eq!(accounts.passkeys(&bob).await.unwrap().len(), 1);
    for id in [&*id, "", "' OR '1'='1", "ann\0"] {
        let removed = accounts.remove_passkey(&bob, id).await;
        assert!(matches!(removed, Err(Error::NotFound { .. })), "`{id}`: {removed:?}");
    }
    let cid = service.identity(&service.newcomer("cid").await).await;
    let one_factor = accounts.remove_passkey(&cid, &id).await;
    assert!(matches!(one_factor, Err(Error::NotAllowed(_))), "{one_factor:?}");
    let none = accounts.begin_passkey_reauthentication(&cid).await;
    assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
    service.show(&mut key).await.unwrap();
}

async fn an_administrator_shuts_passkeys_out(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let (mut ann, session) = service.with_passkey("ann").await;
    let (mut bob, _) = service.with_passkey("bob").await;
    let guard = admin().authorize::<administer>().unwrap();
    service.accounts.reset_second_factor(&guard, "ann").await.unwrap();
    assert_eq!(service.last().await.0, "second_factor_reset");
    assert_eq!(service.get("/me", &session).await, 401);
    require_refused(service.show(&mut ann).await);
    let session = service.log_in("ann").await;
    assert_eq!(service.get("/me", &session).await, 200);
    // Between the challenge and its answer.
    let options = service.accounts.begin_passkey_log_in(&home()).await.unwrap();
    service.accounts.disable(&guard, "bob").await.unwrap();
    require_refused(service.accounts.passkey_log_in(&bob.get(&options), &home()).await);
}

async fn showing_a_passkey_again_steps_up(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let (mut key, session) = service.with_passkey("ann").await;
    service.clock.advance(Duration::from_mins(6));
    assert_eq!(service.get("/step-up", &session).await, 401);
    let identity = service.identity(&session).await;
    let options = accounts.begin_passkey_reauthentication(&identity).await.unwrap();
    let answer = key.get(&options);
    let new = accounts.reauthenticate_with_passkey(&identity, &answer, &home()).await.unwrap();
    assert_eq!(service.get("/step-up", &cookie(&new)).await, 200);
    assert_eq!(service.get("/second-factor", &cookie(&new)).await, 200);
    assert_eq!(service.get("/me", &session).await, 401);
    // A password alone does not.
    let identity = service.identity(&cookie(&new)).await;
    require_refused(accounts.reauthenticate(&identity, PASSWORD, "", &home()).await);
}

async fn a_session_that_is_over_registers_nothing(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let identity = service.identity(&service.newcomer("ann").await).await;
    let options = accounts.begin_passkey(&identity).await.unwrap();
    accounts.log_out(&identity).await.unwrap();
    let answer = Authenticator::new(b"late").create(&options);
    require_refused(accounts.add_passkey(&identity, "", &answer).await);
    assert_eq!(database.number("SELECT COUNT(*) FROM passkey").await, 0);
}

async fn who_logs_in_while_a_passkey_is_added_needs_it(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let identity = service.identity(&service.newcomer("ann").await).await;
    let options = service.accounts.begin_passkey(&identity).await.unwrap();
    let answer = Authenticator::new(b"new").create(&options);
    // Both come to their last step, and no further.
    let pool = database.pool().await;
    let mut held = pool.begin().await.unwrap();
    sqlx::query("UPDATE audit_chain SET seq = seq").execute(&mut *held).await.unwrap();
    let accounts = service.accounts.clone();
    let log_in = tokio::spawn(async move { accounts.log_in("ann", PASSWORD, &home()).await });
    database.until_waiting(1).await;
    let accounts = service.accounts.clone();
    let add = tokio::spawn(async move { accounts.add_passkey(&identity, "", &answer).await });
    database.until_waiting(2).await;
    held.commit().await.unwrap();
    let (session, added) = (log_in.await.unwrap().unwrap(), add.await.unwrap());
    added.unwrap();
    assert_eq!(service.get("/me", &cookie(&session)).await, 401);
}

async fn a_source_has_a_bounded_number_of_challenges(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let evil = Source::named("evil");
    for _ in 0..100 {
        accounts.begin_passkey_log_in(&evil).await.unwrap();
    }
    service.clock.advance(Duration::from_mins(1));
    let more = accounts.begin_passkey_log_in(&evil).await;
    let Err(Error::Throttled { retry_after }) = more else { panic!("{more:?}") };
    assert_eq!(retry_after, Duration::from_mins(4));
    accounts.begin_passkey_log_in(&home()).await.unwrap();
    service.clock.advance(Duration::from_mins(4));
    accounts.begin_passkey_log_in(&evil).await.unwrap();
}

async fn a_locked_password_leaves_the_passkey(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let (mut key, _) = service.with_passkey("ann").await;
    for bot in 0..100 {
        let source = Source::named(&format!("bot {bot}"));
        require_refused(service.accounts.log_in("ann", "wrong", &source).await);
    }
    require_refused(service.accounts.log_in("ann", PASSWORD, &home()).await);
    let session = service.show(&mut key).await.unwrap();
    assert_eq!(service.get("/second-factor", &session).await, 200);
}

async fn what_is_no_answer_is_refused(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let (mut key, session) = service.with_passkey("ann").await;
    let identity = service.identity(&session).await;
    let whole = key.get(&accounts.begin_passkey_log_in(&home()).await.unwrap());
    let mut answers = vec![Value::Null, json!({}), json!([]), json!("x"), json!({ "id": 1 })];
    for field in ["clientDataJSON", "authenticatorData", "signature"] {
        for broken in ["", "!", "AAAA", "e30", "eyJjaGFsbGVuZ2UiOjF9"] {
            let mut answer = whole.clone();
            answer["response"][field] = broken.into();
            answers.push(answer);
        }
    }
    for answer in &answers {
        require_refused(accounts.passkey_log_in(answer, &home()).await);
        require_refused(accounts.add_passkey(&identity, "", answer).await);
    }
}

#[tokio::test]
async fn passkeys_belong_to_the_domain_of_their_pages() {
    let database = Database::sqlite();
    let clock = Clock::at(START);
    for (domain, origin) in [
        ("shop.example", "https://shop.example.evil.example"),
        ("shop.example", "https://evilshop.example"),
        ("shop.example", "http://shop.example"),
        ("shop.example", "shop.example"),
        ("shop.example", ""),
        ("127.0.0.1", "https://127.0.0.1"),
    ] {
        let opened = builder(&clock).passkeys(domain, origin).open::<Policy>(&database.url).await;
        assert!(matches!(opened, Err(Error::NotAllowed(_))), "{domain} {origin}: {opened:?}");
    }
    for (domain, origin) in [
        ("shop.example", "https://shop.example"),
        ("shop.example", "https://www.shop.example:8443"),
        ("localhost", "http://localhost:8081"),
    ] {
        builder(&clock).passkeys(domain, origin).open::<Policy>(&database.url).await.unwrap();
    }
    // Nobody has said whose they are.
    let service = Service::open(&database).await;
    let unset = service.accounts.begin_passkey_log_in(&home()).await;
    assert!(unset.unwrap_err().is_unavailable());
}
