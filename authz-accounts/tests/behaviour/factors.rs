//! What a session claims after each way in which one begins: `amr`, `acr`, `auth_time` and its end are those of
//! the factors that were shown, and never later.

use std::time::Duration;

use authz_accounts::{Accounts, Error, NewSession};

use crate::authenticator::Authenticator;
use crate::database::Database;
use crate::second_factor::headers;
use crate::support::{OTHER_PASSWORD, PASSWORD, Policy, Service, cookie, home};

crate::on_both_databases! {
    a_session_claims_what_was_shown
    a_password_alone_renews_nothing_that_two_factors_began
    what_logs_somebody_in_is_changed_with_the_second_factor_alone
}

const ONE: &[&str] = &["pwd"];
const APP: &[&str] = &["pwd", "otp", "mfa"];
const RECOVERED: &[&str] = &["pwd", "recovery", "mfa"];
const PASSKEY: &[&str] = &["pop", "user", "mfa"];
const BESIDE: &[&str] = &["pwd", "pop", "user", "mfa"];

/// A minute, by which every step of a row is later than the one before.
const MINUTE: Duration = Duration::from_mins(1);

impl Service {
    /// Fails unless the session claims these methods, shown at this time, and ends a day after that.
    async fn require(&self, way: &str, session: &NewSession, amr: &[&str], shown: u64) {
        let identity = self.identity(&cookie(session)).await;
        assert_eq!(identity.amr().collect::<Vec<_>>(), amr, "{way}");
        let mfa = amr.contains(&"mfa");
        let level = if mfa { "aal2" } else { "aal1" };
        assert_eq!((identity.mfa(), identity.acr()), (mfa, Some(level)), "{way}");
        let age = self.clock.now() - shown;
        assert!(identity.authenticated_within(age), "{way}: shown later");
        assert!(age == 0 || !identity.authenticated_within(age - 1), "{way}: claims to be later");
        let sessions = self.accounts.sessions(&identity).await.unwrap();
        let own = sessions.iter().find(|one| one.id == session.id()).unwrap();
        assert_eq!(own.expires_at, i64::try_from(shown + 24 * 3_600).unwrap(), "{way}");
    }

    async fn key_of(&self, name: &str) -> (Authenticator, NewSession) {
        let session = self.newcomer(name).await;
        let mut key = Authenticator::new(name.as_bytes());
        let session = self.add(&session, &mut key).await.unwrap();
        (key, session)
    }
}

async fn by_passkey(accounts: &Accounts<Policy>, key: &mut Authenticator) -> NewSession {
    let answer = key.get(&accounts.begin_passkey_log_in(&home()).await.unwrap());
    accounts.passkey_log_in(&answer, &home()).await.unwrap()
}

async fn a_session_claims_what_was_shown(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    service.newcomer("one").await;
    let app = service.enrolled("app").await;
    let new = service.clock.now();
    let (mut key, with_key) = service.key_of("key").await;
    let (mut both, with_both) = service.key_of("both").await;
    service.require("the first passkey", &with_key, BESIDE, new).await;

    service.clock.advance(MINUTE);
    let begun = service.clock.now();
    let session = accounts.log_in("one", PASSWORD, &home()).await.unwrap();
    service.require("log in", &session, ONE, begun).await;
    let identity = service.identity(&cookie(&session)).await;
    let waiting = accounts.log_in("app", PASSWORD, &home()).await.unwrap();
    let beside = accounts.log_in("key", PASSWORD, &home()).await.unwrap();
    let by_key = by_passkey(accounts, &mut key).await;
    service.require("log in by a passkey", &by_key, PASSKEY, begun).await;

    // What was begun a minute ago is as old as its first factor.
    service.clock.advance(MINUTE);
    let code = service.next_code(&app.secret);
    let session = accounts.second_factor(&headers(&cookie(&waiting)), &code, &home()).await;
    let with_app = session.unwrap();
    service.require("second factor, app", &with_app, APP, begun).await;
    let waiting = headers(&cookie(&beside));
    let asked = accounts.begin_passkey_second_factor(&waiting).await.unwrap();
    let answer = key.get(&asked);
    let session = accounts.passkey_second_factor(&waiting, &answer, &home()).await.unwrap();
    service.require("second factor, passkey", &session, BESIDE, begun).await;
    let changed = accounts.change_password(&identity, PASSWORD, OTHER_PASSWORD, &home()).await;
    service
        .require("password, which is the only factor", &changed.unwrap(), ONE, service.clock.now())
        .await;

    // Renewals keep the time and the end.
    let identity = service.identity(&cookie(&with_app)).await;
    let changed = accounts.change_password(&identity, PASSWORD, OTHER_PASSWORD, &home()).await;
    let with_app = changed.unwrap();
    service.require("password, beside an app", &with_app, APP, begun).await;
    let identity = service.identity(&cookie(&with_both)).await;
    let mut second = Authenticator::new(b"another");
    let answer = second.create(&accounts.begin_passkey(&identity).await.unwrap());
    let (session, _) = accounts.add_passkey(&identity, "another", &answer).await.unwrap();
    service.require("another passkey", &session, BESIDE, new).await;
    let identity = service.identity(&cookie(&session)).await;
    let last = accounts.passkeys(&identity).await.unwrap().pop().unwrap();
    let session = accounts.remove_passkey(&identity, &last.id).await.unwrap();
    service.require("a removed passkey", &session, BESIDE, new).await;
    let enrolment = accounts.enrol_app(&service.identity(&cookie(&session)).await).await.unwrap();
    let identity = service.identity(&cookie(&session)).await;
    let code = service.next_code(enrolment.secret());
    let (session, codes) = accounts.confirm_app(&identity, &code, &home()).await.unwrap();
    let all = &["pwd", "otp", "pop", "user", "mfa"];
    service.require("an app beside a passkey", &session, all, new).await;

    // Shown again is shown now.
    service.clock.advance(MINUTE);
    let identity = service.identity(&cookie(&with_app)).await;
    let code = service.next_code(&app.secret);
    let again = accounts.reauthenticate(&identity, OTHER_PASSWORD, &code, &home()).await;
    service.require("both again", &again.unwrap(), APP, service.clock.now()).await;
    let identity = service.identity(&cookie(&session)).await;
    let code = codes.iter().next().unwrap().to_owned();
    let again = accounts.reauthenticate(&identity, PASSWORD, &code, &home()).await.unwrap();
    service.require("both again, by a recovery code", &again, RECOVERED, service.clock.now()).await;
    let identity = service.identity(&cookie(&again)).await;
    let asked = accounts.begin_passkey_reauthentication(&identity).await.unwrap();
    let answer = both.get(&asked);
    let again = accounts.reauthenticate_with_passkey(&identity, &answer, &home()).await.unwrap();
    service.require("the passkey again", &again, PASSKEY, service.clock.now()).await;
}

async fn a_password_alone_renews_nothing_that_two_factors_began(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.enrolled("ann").await;
    service.clock.advance(Duration::from_mins(50));
    assert_eq!(service.get("/me", &ann.cookie).await, 200);
    assert_eq!(service.get("/step-up", &ann.cookie).await, 401);
    let identity = service.identity(&ann.cookie).await;
    let accounts = &service.accounts;
    let changed = accounts.change_password(&identity, PASSWORD, OTHER_PASSWORD, &home()).await;
    assert!(matches!(changed, Err(Error::NotAllowed(_))), "{changed:?}");
    let removed = accounts.remove_app(&identity).await;
    assert!(matches!(removed, Err(Error::NotAllowed(_))), "{removed:?}");
    assert_eq!(service.get("/step-up", &ann.cookie).await, 401);
    // With both, it is changed.
    let code = service.next_code(&ann.secret);
    let again = accounts.reauthenticate(&identity, PASSWORD, &code, &home()).await.unwrap();
    let identity = service.identity(&cookie(&again)).await;
    accounts.change_password(&identity, PASSWORD, OTHER_PASSWORD, &home()).await.unwrap();
}

async fn what_logs_somebody_in_is_changed_with_the_second_factor_alone(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let accounts = &service.accounts;
    let ann = service.enrolled("ann").await;
    let identity = service.identity(&ann.cookie).await;
    service.clock.advance(Duration::from_mins(16));
    let mut key = Authenticator::new(b"of a thief");
    let answer = key.create(&accounts.begin_passkey(&identity).await.unwrap());
    let refused: Vec<(&str, Result<(), Error>)> = vec![
        ("passkey", accounts.add_passkey(&identity, "mine", &answer).await.map(drop)),
        ("codes", accounts.new_recovery_codes(&identity).await.map(drop)),
        ("key", accounts.create_key(&identity, "mine", &[], MINUTE).await.map(drop)),
        ("app", accounts.remove_app(&identity).await),
        (
            "password",
            accounts.change_password(&identity, PASSWORD, OTHER_PASSWORD, &home()).await.map(drop),
        ),
    ];
    for (what, result) in refused {
        assert!(matches!(result, Err(Error::NotAllowed(_))), "{what}: {result:?}");
    }
    // Somebody without a second factor has none to show.
    let bob = service.newcomer("bob").await;
    let identity = service.identity(&bob).await;
    service.clock.advance(Duration::from_mins(16));
    accounts.create_key(&identity, "mine", &[], MINUTE).await.unwrap();
}
