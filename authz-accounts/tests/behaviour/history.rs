//! The audit trail: what is in it, and what can't be changed unseen.

use std::time::Duration;

use authz_accounts::{Error, Source};

use crate::database::Database;
use crate::support::{OTHER_PASSWORD, PASSWORD, Role, Service, home};

crate::on_both_databases! {
    everything_is_recorded_and_no_secret
    whatever_is_changed_breaks_the_chain
    old_records_are_forgotten_and_the_chain_goes_on
    records_at_once_are_one_chain
}

async fn everything_is_recorded_and_no_secret(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let typo = service.accounts.log_in("hunter2 typed as a name", PASSWORD, &home()).await;
    assert!(matches!(typo, Err(Error::Refused)));
    let identity = service.identity(&ann).await;
    service.accounts.reauthenticate(&identity, PASSWORD, "", &home()).await.unwrap();
    let ann = service.log_in("ann").await;
    let identity = service.identity(&ann).await;
    let accounts = &service.accounts;
    let changed = accounts.change_password(&identity, PASSWORD, OTHER_PASSWORD, &home()).await;
    let ann = crate::support::cookie(&changed.unwrap());
    service.accounts.danger_grant_role("ann", Role::Clerk).await.unwrap();
    let records = service.accounts.audit(0, 100).await.unwrap();
    let events: Vec<_> = records.iter().map(|record| record.event.as_str()).collect();
    assert_eq!(
        events,
        [
            "sign_up",
            "log_in",
            "log_in_failed",
            "reauthenticated",
            "log_in",
            "password_changed",
            "role_granted"
        ]
    );
    let lines: Vec<_> = records.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
    let lines = lines.join("\n");
    let secret = ann.strip_prefix("__Host-session=").unwrap();
    for secret in [PASSWORD, OTHER_PASSWORD, "hunter2", secret, "argon2"] {
        assert!(!lines.contains(secret), "{secret} in {lines}");
    }
    assert!(lines.contains(r#""source":"home""#));
    let from_two = service.accounts.audit(2, 1).await.unwrap();
    assert_eq!(from_two.iter().map(|record| record.seq).collect::<Vec<_>>(), [3]);
}

async fn whatever_is_changed_breaks_the_chain(database: Database) {
    let service = Service::open(&database).await;
    for name in ["ann", "bob", "cid", "dan"] {
        service.accounts.sign_up(name, PASSWORD, &home()).await.unwrap();
    }
    let report = service.accounts.verify_audit().await.unwrap();
    assert_eq!((report.records, report.seq, report.faults.len()), (4, 4, 0));
    let hash: String = report.hash;
    for (harm, repair) in [
        (
            "UPDATE audit SET at = at + 1 WHERE seq = 2",
            "UPDATE audit SET at = at - 1 WHERE seq = 2",
        ),
        (
            "UPDATE audit SET account = account || 'x' WHERE seq = 2",
            "UPDATE audit SET account = SUBSTR(account, 1, LENGTH(account) - 1) WHERE seq = 2",
        ),
        (
            "UPDATE audit SET event = 'log_in' WHERE seq = 3",
            "UPDATE audit SET event = 'sign_up' WHERE seq = 3",
        ),
        (
            "UPDATE audit SET detail = '{\"name\":\"eve\"}' WHERE seq = 1",
            "UPDATE audit SET detail = '{\"name\":\"ann\",\"source\":\"home\"}' WHERE seq = 1",
        ),
        (
            "UPDATE audit SET detail = 'no json' WHERE seq = 1",
            "UPDATE audit SET detail = '{\"name\":\"ann\",\"source\":\"home\"}' WHERE seq = 1",
        ),
        (
            "UPDATE audit SET detail = ' ' || detail WHERE seq = 1",
            "UPDATE audit SET detail = SUBSTR(detail, 2) WHERE seq = 1",
        ),
        ("UPDATE audit SET seq = 9 WHERE seq = 4", "UPDATE audit SET seq = 4 WHERE seq = 9"),
    ] {
        assert_eq!(database.run(harm).await, 1);
        let faults = service.accounts.verify_audit().await.unwrap().faults;
        assert!(!faults.is_empty(), "{harm}");
        assert_eq!(database.run(repair).await, 1);
        let whole = service.accounts.verify_audit().await.unwrap();
        assert_eq!((whole.faults.len(), &whole.hash), (0, &hash), "{repair}");
    }
    for harm in ["DELETE FROM audit WHERE seq = 4", "DELETE FROM audit WHERE seq = 2"] {
        assert_eq!(database.run(harm).await, 1);
        assert!(!service.accounts.verify_audit().await.unwrap().faults.is_empty(), "{harm}");
    }
}

async fn old_records_are_forgotten_and_the_chain_goes_on(database: Database) {
    let service = Service::open(&database).await;
    let day = Duration::from_hours(24);
    for name in ["ann", "bob", "cid"] {
        service.accounts.sign_up(name, PASSWORD, &home()).await.unwrap();
        service.clock.advance(day);
    }
    assert_eq!(service.accounts.forget_audit(2 * day).await.unwrap(), 1);
    let records = service.accounts.audit(0, 100).await.unwrap();
    assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(records[2].event, "audit_forgotten");
    assert!(service.accounts.verify_audit().await.unwrap().faults.is_empty());
    assert_eq!(service.accounts.forget_audit(Duration::ZERO).await.unwrap(), 2);
    service.accounts.sign_up("dan", PASSWORD, &home()).await.unwrap();
    let report = service.accounts.verify_audit().await.unwrap();
    assert!(report.faults.is_empty(), "{report:?}");
    // What is left is still a chain.
    database.run("DELETE FROM audit WHERE seq = (SELECT MIN(seq) FROM audit)").await;
    assert!(!service.accounts.verify_audit().await.unwrap().faults.is_empty());
}

async fn records_at_once_are_one_chain(database: Database) {
    let service = Service::open(&database).await;
    let writers: Vec<_> = (0..24)
        .map(|number| {
            let accounts = service.accounts.clone();
            let name = format!("name{number}");
            let source = Source::named(&name);
            tokio::spawn(async move { accounts.sign_up(&name, PASSWORD, &source).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let report = service.accounts.verify_audit().await.unwrap();
    assert_eq!((report.records, report.faults.len()), (24, 0), "{report:?}");
}
