//! A database that fails at one step of what has several: 503, and nothing half done.

use std::pin::Pin;
use std::time::Duration;

use authz_accounts::{Error, Source};
use sqlx::AnyPool;

use crate::authenticator::Authenticator;
use crate::database::Database;
use crate::second_factor::{code, headers};
use crate::support::{OTHER_PASSWORD, PASSWORD, Role, Service, admin, administer};

crate::on_both_databases! {
    whatever_is_gone_nothing_is_half_done
}

/// What is done to an account in more than one step.
const DEEDS: [&str; 13] = [
    "sign up",
    "log in",
    "show a code",
    "show a recovery code",
    "show both again",
    "change the password",
    "rotate a key",
    "confirm an app",
    "remove an app",
    "add a passkey",
    "log in with a passkey",
    "grant a role",
    "disable",
];

/// Each is taken away in turn.
const TABLES: [&str; 11] = [
    "account",
    "account_role",
    "session",
    "throttle",
    "audit",
    "audit_chain",
    "api_key",
    "totp",
    "recovery_code",
    "passkey",
    "challenge",
];

type Deed = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Makes an account that something can be done to, and what is done then.
async fn prepare(service: &Service, deed: &str, name: &str) -> Deed {
    let (accounts, owner) = (service.accounts.clone(), name.to_owned());
    let source = Source::named(name);
    if deed == "sign up" {
        return Box::pin(
            async move { accounts.sign_up(&owner, PASSWORD, &source).await.map(drop) },
        );
    }
    let cookie = service.newcomer(name).await;
    let identity = service.identity(&cookie).await;
    match deed {
        "log in" => {
            Box::pin(async move { accounts.log_in(&owner, PASSWORD, &source).await.map(drop) })
        }
        "change the password" => Box::pin(async move {
            let changed = accounts.change_password(&identity, PASSWORD, OTHER_PASSWORD, &source);
            changed.await.map(drop)
        }),
        "rotate a key" => {
            let day = Duration::from_hours(24);
            let key = accounts.create_key(&identity, "", &[], day).await.unwrap();
            Box::pin(async move { accounts.rotate_key(&identity, key.id(), day).await.map(drop) })
        }
        "confirm an app" => {
            let app = accounts.enrol_app(&identity).await.unwrap();
            let code = code(app.secret(), service.clock.now());
            Box::pin(async move { accounts.confirm_app(&identity, &code, &source).await.map(drop) })
        }
        "add a passkey" => {
            let options = accounts.begin_passkey(&identity).await.unwrap();
            let answer = Authenticator::new(name.as_bytes()).create(&options);
            Box::pin(async move { accounts.add_passkey(&identity, "", &answer).await.map(drop) })
        }
        "log in with a passkey" => {
            let mut key = Authenticator::new(name.as_bytes());
            service.add(&cookie, &mut key).await.unwrap();
            let answer = key.get(&accounts.begin_passkey_log_in(&source).await.unwrap());
            Box::pin(async move { accounts.passkey_log_in(&answer, &source).await.map(drop) })
        }
        "grant a role" => Box::pin(async move {
            let guard = admin().authorize::<administer>().unwrap();
            accounts.grant_role(&guard, &owner, Role::Clerk).await
        }),
        "disable" => Box::pin(async move {
            let guard = admin().authorize::<administer>().unwrap();
            accounts.disable(&guard, &owner).await
        }),
        _ => prepare_with_app(service, deed, name).await,
    }
}

async fn prepare_with_app(service: &Service, deed: &str, name: &str) -> Deed {
    let (accounts, source) = (service.accounts.clone(), Source::named(name));
    let app = service.enrol(name).await;
    let identity = service.identity(&app.cookie).await;
    let waiting = headers(&service.log_in(name).await);
    let code = service.next_code(&app.secret);
    let recovery = app.codes.iter().next().unwrap().to_owned();
    match deed {
        "show a code" => {
            Box::pin(
                async move { accounts.second_factor(&waiting, &code, &source).await.map(drop) },
            )
        }
        "show a recovery code" => {
            Box::pin(
                async move { accounts.second_factor(&waiting, &recovery, &source).await.map(drop) },
            )
        }
        "show both again" => Box::pin(async move {
            accounts.reauthenticate(&identity, PASSWORD, &code, &source).await.map(drop)
        }),
        "remove an app" => Box::pin(async move { accounts.remove_app(&identity).await }),
        other => panic!("nobody knows how to {other}"),
    }
}

/// Everything that somebody may do something by. Counters of attempts are not in it, nor challenges:
/// these are used up before anything is looked at.
async fn state(pool: &AnyPool) -> Vec<String> {
    let rows = "SELECT 'account ' || id || password_hash || password_alone AS row FROM account \
        UNION ALL SELECT 'disabled ' || id FROM account WHERE disabled_at > 0 \
        UNION ALL SELECT 'role ' || account || role FROM account_role \
        UNION ALL SELECT 'session ' || hash || expires_at || outstanding || methods FROM session \
        UNION ALL SELECT 'key ' || hash || expires_at || scopes FROM api_key \
        UNION ALL SELECT 'app ' || seed || confirmed_at || last_step FROM totp \
        UNION ALL SELECT 'code ' || hash FROM recovery_code \
        UNION ALL SELECT 'passkey ' || id || record FROM passkey ORDER BY 1";
    sqlx::query_scalar(rows).fetch_all(pool).await.unwrap()
}

async fn whatever_is_gone_nothing_is_half_done(database: Database) {
    let service = Service::with_passkeys(&database).await;
    let pool = database.pool().await;
    let rename = async |from: &str, to: &str| {
        database.run(&format!("ALTER TABLE {from} RENAME TO {to}")).await;
    };
    for deed in DEEDS {
        let mut failed = Vec::new();
        for (number, table) in TABLES.iter().enumerate() {
            let name = format!("{}.{number}", deed.replace(' ', "."));
            let done = prepare(&service, deed, &name).await;
            let before = state(&pool).await;
            rename(table, "gone").await;
            let result = done.await;
            rename("gone", table).await;
            match result {
                // It needs something else.
                Ok(()) => {}
                Err(error) => {
                    assert!(error.is_unavailable(), "{deed} without {table}: {error:?}");
                    assert_eq!(state(&pool).await, before, "{deed} without {table}");
                    failed.push(*table);
                }
            }
        }
        assert!(failed.contains(&"audit") && failed.contains(&"audit_chain"), "{deed}: {failed:?}");
    }
    assert!(service.accounts.verify_audit().await.unwrap().faults.is_empty());
}
