//! Passwords at the door: who gets in, who has to wait, and what nobody can find out.

use std::time::Duration;

use authz_accounts::{Error, PasswordFault, Source};

use crate::database::Database;
use crate::support::{OTHER_PASSWORD, PASSWORD, START, Service, admin, administer, builder, home};
use authz_core::testing::Clock;

crate::on_both_databases! {
    whoever_knows_the_password_gets_in
    a_name_has_one_spelling_and_one_account
    a_password_is_one_in_both_normal_forms
    a_weak_password_is_refused_with_the_reason
    everything_that_is_wrong_has_one_answer
    a_source_waits_and_others_do_not
    attempts_at_once_are_not_free
    one_source_can_not_try_every_account
    an_office_behind_one_address_logs_in_at_once
    a_right_password_gives_no_more_guesses_at_others
    the_free_attempts_of_a_source_are_a_setting
    one_source_makes_a_few_accounts_an_hour
    a_thousand_tries_over_ten_thousand_accounts_let_nobody_in
    after_a_hundred_failures_the_password_is_dead_until_unlocked
    what_is_longer_than_any_password_locks_on_record_too
    a_hash_is_renewed_when_its_cost_has_risen
    text_of_callers_is_never_a_statement
}

async fn whoever_knows_the_password_gets_in(database: Database) {
    let service = Service::open(&database).await;
    let id = service.accounts.sign_up("ann@example.com", PASSWORD, &home()).await.unwrap();
    let session = service.accounts.log_in("ann@example.com", PASSWORD, &home()).await.unwrap();
    let identity = service.identity(&crate::support::cookie(&session)).await;
    assert_eq!(identity.subject(), id);
    assert_eq!(identity.issuer(), "urn:authz:accounts");
    assert_eq!(identity.amr().collect::<Vec<_>>(), ["pwd"]);
    assert_eq!((identity.acr(), identity.mfa()), (Some("aal1"), false));
    assert!(identity.authenticated_within(0));
    let name: Option<String> = identity.claim("preferred_username");
    assert_eq!(name.as_deref(), Some("ann@example.com"));
}

async fn a_name_has_one_spelling_and_one_account(database: Database) {
    let service = Service::open(&database).await;
    service.accounts.sign_up("Zoe\u{308}", PASSWORD, &home()).await.unwrap();
    let again = service.accounts.sign_up("zo\u{eb}", OTHER_PASSWORD, &home()).await;
    assert!(matches!(again, Err(Error::NameTaken)), "{again:?}");
    // The first one's password is the one that counts.
    service.accounts.log_in("ZO\u{cb}", PASSWORD, &home()).await.unwrap();
    let other = service.accounts.log_in("zo\u{eb}", OTHER_PASSWORD, &home()).await;
    assert!(matches!(other, Err(Error::Refused)));
}

async fn a_password_is_one_in_both_normal_forms(database: Database) {
    let service = Service::open(&database).await;
    service.accounts.sign_up("ann", "gru\u{308}n wie das Gras im Mai", &home()).await.unwrap();
    service.accounts.log_in("ann", "gr\u{fc}n wie das Gras im Mai", &home()).await.unwrap();
}

async fn a_weak_password_is_refused_with_the_reason(database: Database) {
    let clock = Clock::at(START);
    let service =
        Service::with(builder(&clock).block_word("The Orders Service"), &clock, &database).await;
    let refused =
        async |password: &str| match service.accounts.sign_up("ann", password, &home()).await {
            Err(Error::Password(fault)) => fault,
            other => panic!("`{password}`: {other:?}"),
        };
    assert_eq!(refused("plinth gravel").await, PasswordFault::TooShort { needed: 15 });
    assert!(matches!(refused("aaaaaaaaaaaaaaaa").await, PasswordFault::Blocked { .. }));
    assert!(matches!(refused("the orders service").await, PasswordFault::Blocked { .. }));
    assert_eq!(refused(&"a b".repeat(1 << 20)).await, PasswordFault::TooLong);
    assert_eq!(database.number("SELECT COUNT(*) FROM account").await, 0);
}

async fn everything_that_is_wrong_has_one_answer(database: Database) {
    let service = Service::open(&database).await;
    for name in ["ann", "bob", "cid"] {
        service.accounts.sign_up(name, PASSWORD, &home()).await.unwrap();
    }
    let guard = admin().authorize::<administer>().unwrap();
    service.accounts.disable(&guard, "bob").await.unwrap();
    database.run("UPDATE account SET failures = 100 WHERE name = 'cid'").await;
    let megabyte = "x".repeat(1 << 20);
    for (name, password) in [
        ("ann", "wrong"),
        ("ann", ""),
        ("ann", &*megabyte),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("a name with spaces", PASSWORD),
        (&*megabyte, PASSWORD),
        ("bob", PASSWORD),
        ("cid", PASSWORD),
    ] {
        let source = Source::named(&format!("{} {}", name.len(), password.len()));
        let refused = service.accounts.log_in(name, password, &source).await.unwrap_err();
        assert!(matches!(refused, Error::Refused), "{refused:?}");
        assert_eq!(refused.to_string(), "the name or the credentials are wrong");
    }
}

async fn a_source_waits_and_others_do_not(database: Database) {
    let service = Service::open(&database).await;
    service.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    let evil = Source::named("evil");
    for _ in 0..5 {
        let refused = service.accounts.log_in("ann", "wrong", &evil).await;
        assert!(matches!(refused, Err(Error::Refused)), "{refused:?}");
    }
    let waits = async || match service.accounts.log_in("ann", PASSWORD, &evil).await {
        Err(Error::Throttled { retry_after }) => retry_after.as_secs(),
        other => panic!("{other:?}"),
    };
    // Not even the right password is looked at; and asking makes it no longer.
    assert_eq!((waits().await, waits().await), (30, 30));
    // A name that nobody has waits alike.
    for _ in 0..5 {
        let _ = service.accounts.log_in("nobody", "wrong", &evil).await;
    }
    let nobody = service.accounts.log_in("nobody", PASSWORD, &evil).await;
    assert!(matches!(nobody, Err(Error::Throttled { .. })));
    // Ann is at home and notices nothing.
    service.accounts.log_in("ann", PASSWORD, &home()).await.unwrap();
    service.clock.advance(Duration::from_secs(30));
    let _ = service.accounts.log_in("ann", "wrong", &evil).await;
    assert_eq!(waits().await, 60);
    service.clock.advance(Duration::from_mins(1));
    // Success begins anew.
    service.accounts.log_in("ann", PASSWORD, &evil).await.unwrap();
    for _ in 0..4 {
        let _ = service.accounts.log_in("ann", "wrong", &evil).await;
    }
    service.accounts.log_in("ann", PASSWORD, &evil).await.unwrap();
}

async fn attempts_at_once_are_not_free(database: Database) {
    let service = Service::open(&database).await;
    service.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    let attempts: Vec<_> = (0..40)
        .map(|_| {
            let accounts = service.accounts.clone();
            tokio::spawn(async move {
                accounts.log_in("ann", "wrong", &Source::named("evil")).await.unwrap_err()
            })
        })
        .collect();
    let mut compared = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            Error::Refused => compared += 1,
            Error::Throttled { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(compared, 5);
    assert_eq!(database.number("SELECT failures FROM account").await, 5);
}

async fn one_source_can_not_try_every_account(database: Database) {
    let service = Service::open(&database).await;
    service.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    let evil = Source::named("evil");
    let mut compared = 0;
    for name in 0..100 {
        match service.accounts.log_in(&format!("name{name}"), "Summer2026!", &evil).await {
            Err(Error::Refused) => compared += 1,
            Err(Error::Throttled { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(compared, 20);
    // An account of one's own does not wash a source clean.
    service.clock.advance(Duration::from_secs(30));
    service.accounts.log_in("ann", PASSWORD, &evil).await.unwrap();
    let _ = service.accounts.log_in("victim", "wrong", &evil).await;
    let waiting = service.accounts.log_in("ann", PASSWORD, &evil).await;
    assert!(matches!(waiting, Err(Error::Throttled { .. })), "{waiting:?}");
}

/// Stuffing from many addresses at once: nobody gets in, everything is counted and recorded, and
/// whoever is at home logs in meanwhile.
async fn one_source_makes_a_few_accounts_an_hour(database: Database) {
    let clock = Clock::at(START);
    let service = Service::with(builder(&clock).sign_ups_per_hour(3), &clock, &database).await;
    let sign_up =
        async |name: &str, source: &Source| service.accounts.sign_up(name, PASSWORD, source).await;
    let (here, there) = (home(), Source::named("elsewhere"));
    sign_up("ann", &here).await.unwrap();
    clock.advance(Duration::from_mins(20));
    sign_up("bob", &here).await.unwrap();
    // Who looks for names that are taken is counted too.
    assert!(matches!(sign_up("ann", &here).await, Err(Error::NameTaken)));
    for name in ["cid", "ann"] {
        let Err(Error::Throttled { retry_after }) = sign_up(name, &here).await else {
            panic!("`{name}` is a fourth");
        };
        assert_eq!(retry_after, Duration::from_mins(40));
    }
    sign_up("cid", &there).await.unwrap();
    service.accounts.log_in("ann", PASSWORD, &here).await.unwrap();
    clock.advance(Duration::from_mins(40));
    sign_up("dan", &here).await.unwrap();
}

async fn a_thousand_tries_over_ten_thousand_accounts_let_nobody_in(database: Database) {
    let service = Service::open(&database).await;
    service.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    let many = "INSERT INTO account (id, name, password_hash, password_alone, created_at, \
        password_changed_at, failures) WITH RECURSIVE many (number) AS \
        (SELECT 1 UNION ALL SELECT number + 1 FROM many WHERE number < 10000) \
        SELECT 'id' || number, 'name' || number, ann.password_hash, 1, 0, 0, 0 \
        FROM many, account AS ann WHERE ann.name = 'ann'";
    assert_eq!(database.run(many).await, 10_000);
    // As many at once as have room in the queue, with ann.
    let at_once = 8 * std::thread::available_parallelism().map_or(1, usize::from);
    let bots: Vec<_> = (0..at_once)
        .map(|bot| {
            let accounts = service.accounts.clone();
            tokio::spawn(async move {
                let mut refused = 0;
                for attempt in (bot..1000).step_by(at_once) {
                    let source = Source::named(&format!("bot {}", attempt % 100));
                    let name = format!("name{}", 1 + attempt * 10);
                    match accounts.log_in(&name, "Summer2026!", &source).await {
                        Err(Error::Refused) => refused += 1,
                        // Too many at once are sent away, and tried in vain all the same.
                        Err(Error::Throttled { .. } | Error::Unavailable { .. }) => {}
                        other => panic!("{other:?}"),
                    }
                }
                refused
            })
        })
        .collect();
    let mut tries = 0;
    while let Err(error) = service.accounts.log_in("ann", PASSWORD, &home()).await {
        // Busy is all that may stand in the way; each try is counted, so they are few.
        assert!(error.is_unavailable(), "{error:?}");
        tries += 1;
        assert!(tries < 4);
    }
    let mut refused = 0;
    for bot in bots {
        refused += bot.await.unwrap();
    }
    let recorded = "SELECT COUNT(*) FROM audit WHERE event = 'log_in_failed'";
    assert_eq!(database.number(recorded).await, refused);
    assert!(refused > 0);
    assert_eq!(database.number("SELECT COUNT(*) FROM session").await, 1);
    assert!(service.accounts.verify_audit().await.unwrap().faults.is_empty());
}

async fn after_a_hundred_failures_the_password_is_dead_until_unlocked(database: Database) {
    let service = Service::open(&database).await;
    let cookie = service.newcomer("ann").await;
    for attempt in 0..100 {
        let source = Source::named(&format!("bot {attempt}"));
        let refused = service.accounts.log_in("ann", "wrong", &source).await;
        assert!(matches!(refused, Err(Error::Refused)), "{refused:?}");
    }
    let refused = service.accounts.log_in("ann", PASSWORD, &home()).await;
    assert!(matches!(refused, Err(Error::Refused)), "{refused:?}");
    // Who is logged in stays so.
    assert_eq!(service.get("/me", &cookie).await, 200);
    let guard = admin().authorize::<administer>().unwrap();
    service.accounts.unlock(&guard, "ann").await.unwrap();
    service.accounts.log_in("ann", PASSWORD, &home()).await.unwrap();
    let events = service.accounts.audit(0, 1000).await.unwrap();
    let count = |event: &str| events.iter().filter(|record| record.event == event).count();
    assert_eq!((count("log_in_failed"), count("locked"), count("unlocked")), (101, 1, 1));
}

async fn what_is_longer_than_any_password_locks_on_record_too(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    let long = "x".repeat(5_000);
    for attempt in 0..100 {
        let source = Source::named(&format!("bot {attempt}"));
        let refused = service.accounts.log_in("ann", &long, &source).await;
        assert!(matches!(refused, Err(Error::Refused)), "{refused:?}");
    }
    assert_eq!(database.number("SELECT failures FROM account").await, 100);
    let records = service.accounts.audit(1, 1000).await.unwrap();
    assert!(records.iter().all(|record| record.account == ann));
    assert_eq!(records.iter().filter(|record| record.event == "locked").count(), 1);
}

async fn a_hash_is_renewed_when_its_cost_has_risen(database: Database) {
    let service = Service::open(&database).await;
    service.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    let dearer = builder(&service.clock).danger_password_cost(128, 2);
    let dearer = Service::with(dearer, &service.clock, &database).await;
    let renewed =
        "SELECT COUNT(*) FROM account WHERE password_hash LIKE '$argon2id$v=19$m=128,t=2,p=1$%'";
    assert_eq!(database.number(renewed).await, 0);
    dearer.log_in("ann").await;
    assert_eq!(database.number(renewed).await, 1);
    service.log_in("ann").await;
}

async fn text_of_callers_is_never_a_statement(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let nasty = [
        "'",
        "\"",
        "ann'--",
        "';DROP/**/TABLE/**/account;--",
        "ann\\",
        "%",
        "_",
        "$1",
        "?1",
        ":a",
        "' OR '1'='1",
        "ann\u{0}",
        "\u{202e}nna",
    ];
    let identity = service.identity(&ann).await;
    let guard = admin().authorize::<administer>().unwrap();
    for text in nasty {
        let password = format!("{text} plinth gravel otter");
        match service.accounts.sign_up(text, &password, &Source::named(text)).await {
            Ok(_) => {
                let source = Source::named(text);
                service.accounts.log_in(text, &password, &source).await.unwrap();
            }
            Err(fault) => assert!(matches!(fault, Error::Name(_)), "`{text}`: {fault:?}"),
        }
        let ended = service.accounts.end_session(&identity, text).await;
        assert!(matches!(ended, Err(Error::NotFound { .. })), "`{text}`: {ended:?}");
        let cookie = format!("__Host-session={}", text.replace(['\0', '\u{202e}'], ""));
        assert_eq!(service.get("/me", &cookie).await, 401, "`{text}`");
        let _ = service.accounts.unlock(&guard, text).await;
    }
    assert_eq!(service.get("/me", &ann).await, 200);
    assert!(database.number("SELECT COUNT(*) FROM account").await > 1);
    assert!(service.accounts.verify_audit().await.unwrap().faults.is_empty());
}

async fn an_office_behind_one_address_logs_in_at_once(database: Database) {
    let clock = Clock::at(START);
    let builder = builder(&clock).sign_ups_per_hour(100);
    let service = Service::with(builder, &clock, &database).await;
    let names: Vec<_> = (0..30).map(|number| format!("clerk-{number}")).collect();
    for name in &names {
        service.accounts.sign_up(name, PASSWORD, &home()).await.unwrap();
    }
    let attempts = names.into_iter().map(|name| {
        let accounts = service.accounts.clone();
        tokio::spawn(async move { accounts.log_in(&name, PASSWORD, &home()).await.map(drop) })
    });
    for attempt in attempts.collect::<Vec<_>>() {
        let answer = attempt.await.unwrap();
        assert!(answer.is_ok(), "{answer:?}");
    }
}

async fn a_right_password_gives_no_more_guesses_at_others(database: Database) {
    let service = Service::open(&database).await;
    service.accounts.sign_up("eve", PASSWORD, &home()).await.unwrap();
    let mut wrong = 0;
    for number in 0..100 {
        match service.accounts.log_in(&format!("somebody-{number}"), "a guess", &home()).await {
            Err(Error::Refused) => wrong += 1,
            Err(Error::Throttled { .. }) => {}
            other => panic!("{other:?}"),
        }
        let _ = service.accounts.log_in("eve", PASSWORD, &home()).await;
    }
    assert_eq!(wrong, 20);
}

async fn the_free_attempts_of_a_source_are_a_setting(database: Database) {
    let clock = Clock::at(START);
    let builder = builder(&clock).free_attempts_per_source(3);
    let service = Service::with(builder, &clock, &database).await;
    let mut answers = Vec::new();
    for number in 0..5 {
        let name = format!("somebody-{number}");
        let answer = service.accounts.log_in(&name, "a guess", &home()).await;
        answers.push(matches!(answer, Err(Error::Throttled { .. })));
    }
    assert_eq!(answers, [false, false, false, true, true]);
}
