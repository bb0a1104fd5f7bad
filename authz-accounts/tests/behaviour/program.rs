//! The program `accounts`, and the denials that end in the trail.

use std::process::Command;

use authz_accounts::{Error, NameFault, Names};
use authz_core::axum::Router;
use authz_core::axum::routing::post;
use authz_core::{Guard, requires};
use axum::extract::Request;
use serde_json::Value;
use tower::ServiceExt;

use crate::database::Database;
use crate::support::{PASSWORD, Service, home, with_cookie};

crate::on_both_databases! {
    the_program_verifies_and_exports
    names_from_before_log_in_and_are_told
    who_is_refused_is_in_the_trail
    a_denial_on_record_has_the_whole_path
    a_flood_of_denials_is_counted
    a_denial_on_record_is_short
}

/// What `accounts` prints, and whether it succeeds.
fn accounts(database: &Database, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_accounts"))
        .args(arguments)
        .args(["--database", &database.url])
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// Seven accounts that look like one, as they could be made before names had a class.
async fn names_from_before_log_in_and_are_told(database: Database) {
    let service = Service::open(&database).await;
    let hidden = ["\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}", "\u{202e}", "\u{34f}"];
    service.accounts.sign_up("bob", PASSWORD, &home()).await.unwrap();
    let (code, said) = accounts(&database, &["review-names"]);
    assert_eq!(
        (code, said.as_str()),
        (Some(0), "1 names: 0 refused today, 0 groups that look the same\n")
    );

    service.accounts.sign_up("ann", PASSWORD, &home()).await.unwrap();
    for (place, character) in hidden.iter().enumerate() {
        let name = format!("ann{character}");
        // Nobody gets such a name today, and nobody who has none learns more than that.
        let refused = service.accounts.sign_up(&name, PASSWORD, &home()).await.unwrap_err();
        assert!(matches!(refused, Error::Name(NameFault::Stranger(_))), "{refused}");
        let nobody = service.accounts.log_in(&name, PASSWORD, &home()).await.unwrap_err();
        assert!(matches!(nobody, Error::Refused), "{nobody}");
        let statement = format!(
            "INSERT INTO account SELECT 'old{place}' AS id, '{name}' AS name, password_hash, password_alone, \
             created_at, password_changed_at, failures FROM account WHERE name = 'ann'"
        );
        let columns =
            "(id, name, password_hash, password_alone, created_at, password_changed_at, failures)";
        database
            .run(&statement.replace("account SELECT", &format!("account {columns} SELECT")))
            .await;
    }
    let before = database.number("SELECT COUNT(*) FROM account").await;
    let (code, said) = accounts(&database, &["review-names"]);
    assert_eq!((code, before), (Some(1), 8), "{said}");
    assert!(said.contains(r"refused today: `ann\u{202e}`, for `\u{202e}`"), "{said}");
    let alike = said.lines().find(|line| line.starts_with("look the same: ")).unwrap();
    assert_eq!(alike.matches("`ann").count(), 7, "{said}");
    assert!(said.ends_with("8 names: 6 refused today, 1 groups that look the same\n"), "{said}");
    assert!(said.chars().all(|character| character == '\n' || !character.is_control()), "{said:?}");

    // Nothing was changed, and who has such a name is let in with it.
    assert_eq!(database.number("SELECT COUNT(*) FROM account").await, before);
    for character in hidden {
        let name = format!("ann{character}");
        service.accounts.log_in(&name, PASSWORD, &home()).await.unwrap();
    }
    let review = Names::open(&database.url).await.unwrap().review().await.unwrap();
    assert_eq!((review.names, review.refused.len(), review.alike.len()), (8, 6, 1));
}

async fn the_program_verifies_and_exports(database: Database) {
    let service = Service::open(&database).await;
    for name in ["ann", "bob"] {
        service.accounts.sign_up(name, PASSWORD, &home()).await.unwrap();
    }
    let (code, said) = accounts(&database, &["verify-audit"]);
    assert_eq!(code, Some(0), "{said}");
    let end = said.trim().strip_prefix("2 records; the trail ends at ").unwrap().to_owned();
    service.accounts.sign_up("cid", PASSWORD, &home()).await.unwrap();
    assert_eq!(accounts(&database, &["verify-audit", "--through", &end]).0, Some(0));

    let (code, lines) = accounts(&database, &["export-audit", "--after", "1"]);
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["detail"]["name"], "bob");

    // Another chain, whole in itself, is not the one that was kept.
    let other = end.replace(':', ":x");
    let (code, said) = accounts(&database, &["verify-audit", "--through", &other]);
    assert_eq!(code, Some(1));
    assert!(said.contains("record 2 is not the one whose hash was kept"), "{said}");
    let first = format!("--through={}:x", i64::MIN);
    assert_eq!(accounts(&database, &["verify-audit", &first]).0, Some(1));
    database.run("UPDATE audit SET at = at + 1 WHERE seq = 1").await;
    let (code, said) = accounts(&database, &["verify-audit"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("fault: record 1 is not what was written"), "{said}");
}

#[test]
fn the_program_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.db");
    let output = Command::new(env!("CARGO_BIN_EXE_accounts"))
        .args(["verify-audit", "--database", file.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!file.exists());
}

#[requires(role = "manager")]
async fn close(_guard: Guard<close>) {}

fn guarded(service: &Service) -> axum::Router {
    Router::new()
        .route("/close", post(close))
        .route("/close/{day}", post(close))
        .layer(service.accounts.record_denials())
        .secured_by(service.accounts.verifier())
}

fn asked(cookie: &str) -> Request {
    with_cookie(Request::post("/close?secret=1").header("sec-fetch-site", "same-origin"), cookie)
}

async fn who_is_refused_is_in_the_trail(database: Database) {
    let service = Service::open(&database).await;
    let ann = service.newcomer("ann").await;
    let router = guarded(&service);
    assert_eq!(router.clone().oneshot(asked(&ann)).await.unwrap().status(), 403);
    assert_eq!(router.clone().oneshot(asked("a=b")).await.unwrap().status(), 401);
    service.accounts.flush().await.unwrap();
    let records = service.accounts.audit(2, 10).await.unwrap();
    let id = service.identity(&ann).await;
    let details: Vec<Value> = records
        .iter()
        .map(|record| {
            assert_eq!(record.event, "denied");
            serde_json::from_str(record.detail.get()).unwrap()
        })
        .collect();
    assert_eq!(details.len(), 2);
    assert_eq!(records[0].account, id.subject());
    assert_eq!(details[0]["by"], id.token_id().unwrap());
    assert_eq!(details[0]["outcome"], "insufficient_scope");
    assert_eq!((&details[0]["method"], &details[0]["path"]), (&"POST".into(), &"/close".into()));
    assert_eq!(
        (records[1].account.as_str(), &details[1]["outcome"]),
        ("", &"no_credentials".into())
    );
    assert!(service.accounts.verify_audit().await.unwrap().faults.is_empty());
}

async fn a_denial_on_record_has_the_whole_path(database: Database) {
    let service = Service::open(&database).await;
    let closing = Router::new().route("/close", post(close));
    let router = Router::new()
        .nest("/shop", closing.layer(service.accounts.record_denials()))
        .secured_by(service.accounts.verifier());
    let request = Request::post("/shop/close").body(axum::body::Body::empty()).unwrap();
    assert_eq!(router.oneshot(request).await.unwrap().status(), 401);
    service.accounts.flush().await.unwrap();
    let records = service.accounts.audit(0, 10).await.unwrap();
    let detail: Value = serde_json::from_str(records[0].detail.get()).unwrap();
    assert_eq!(detail["path"], "/shop/close");
}

async fn a_flood_of_denials_is_counted(database: Database) {
    let service = Service::open(&database).await;
    let router = guarded(&service);
    for _ in 0..500 {
        assert_eq!(router.clone().oneshot(asked("a=b")).await.unwrap().status(), 401);
    }
    service.accounts.flush().await.unwrap();
    let records = service.accounts.audit(0, 1000).await.unwrap();
    let counted: Vec<u64> = records
        .iter()
        .map(|record| serde_json::from_str::<Value>(record.detail.get()).unwrap())
        .map(|detail| detail["more"].as_u64().unwrap_or(1))
        .collect();
    assert!(counted.len() < 500, "{}", counted.len());
    assert_eq!(counted.iter().sum::<u64>(), 500);
}

async fn a_denial_on_record_is_short(database: Database) {
    let service = Service::open(&database).await;
    let path = format!("/close/{}", "\u{e4}".repeat(10_000));
    let request = Request::post(path).header("sec-fetch-site", "same-origin");
    let request = with_cookie(request, "a=b");
    assert_eq!(guarded(&service).oneshot(request).await.unwrap().status(), 401);
    service.accounts.flush().await.unwrap();
    let records = service.accounts.audit(0, 10).await.unwrap();
    let detail = records[0].detail.get();
    assert!(detail.contains("/close/") && detail.len() < 1_000, "{}", detail.len());
}
