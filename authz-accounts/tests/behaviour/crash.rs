//! A process that is killed while it writes loses nothing that it answered.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use authz_accounts::Source;

use crate::database::Database;
use crate::support::{PASSWORD, Service};

crate::on_both_databases! {
    what_was_answered_before_a_kill_is_there_after
}

/// The database of the process that is killed: this program once more, at the same test.
const DATABASE: &str = "AUTHZ_ACCOUNTS_CRASH_DATABASE";
const TEST: &str = "crash::sqlite::what_was_answered_before_a_kill_is_there_after";

async fn what_was_answered_before_a_kill_is_there_after(database: Database) {
    if let Ok(url) = std::env::var(DATABASE) {
        return write_until_killed(&url).await;
    }
    // What the process would have tidied up at its end.
    let litter = tempfile::tempdir().unwrap();
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(DATABASE, &database.url)
        .env("TMPDIR", litter.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answered = Vec::new();
    for line in BufReader::new(writer.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(name) = line.strip_prefix("answered ") {
            answered.push(name.to_owned());
        }
        if answered.len() == 200 {
            // SIGKILL, in the middle of what comes next.
            writer.kill().unwrap();
        }
    }
    writer.wait().unwrap();
    assert!((200..500).contains(&answered.len()), "{}", answered.len());

    let service = Service::open(&database).await;
    let pool = database.pool().await;
    for name in &answered {
        let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM account WHERE name = $1")
            .bind(name)
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(found, 1, "{name} was answered and is lost");
    }
    // Nothing is half done: each account has its record, and the chain is whole.
    let report = service.accounts.verify_audit().await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    let accounts = database.number("SELECT COUNT(*) FROM account").await;
    assert_eq!(i64::try_from(report.records).unwrap(), accounts);
    service.newcomer("somebody").await;
}

/// Five hundred accounts, and a line for each that is answered.
async fn write_until_killed(url: &str) {
    let clock = authz_core::testing::Clock::at(crate::support::START);
    let builder = crate::support::builder(&clock);
    let accounts: authz_accounts::Accounts<crate::support::Policy> =
        builder.open(url).await.unwrap();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let accounts = accounts.clone();
            tokio::spawn(async move {
                for number in 0..125 {
                    let name = format!("name{writer}x{number}");
                    accounts.sign_up(&name, PASSWORD, &Source::named(&name)).await.unwrap();
                    println!("answered {name}");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}
