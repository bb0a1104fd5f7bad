//! From each earlier schema to today's, with what was in it.

use authz_accounts::Accounts;
use authz_core::testing::Clock;

use crate::database::Database;
use crate::support::{PASSWORD, Policy, START, Service, builder, home};

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let database = Database::sqlite();
    let service = Service::open(&database).await;
    service.newcomer("ann").await;
    let folder = std::path::Path::new(&database.url).parent().unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

crate::on_both_databases! {
    every_earlier_schema_is_brought_up_to_date
    opening_twice_changes_nothing
}

async fn every_earlier_schema_is_brought_up_to_date(database: Database) {
    let clock = Clock::at(START);
    for (version, name) in [(1, "ann"), (2, "bob"), (3, "cid"), (4, "dan")] {
        let earlier: Accounts<Policy> =
            builder(&clock).schema(version).open(&database.url).await.unwrap();
        earlier.sign_up(name, PASSWORD, &home()).await.unwrap();
        let applied = database.number("SELECT COUNT(*) FROM _sqlx_migrations").await;
        assert_eq!(applied, version);
    }
    let service = Service::open(&database).await;
    for name in ["ann", "bob", "cid", "dan"] {
        let session = service.log_in(name).await;
        assert_eq!(service.get("/me", &session).await, 200);
    }
    assert!(service.accounts.verify_audit().await.unwrap().faults.is_empty());
}

async fn opening_twice_changes_nothing(database: Database) {
    let first = Service::open(&database).await;
    let ann = first.newcomer("ann").await;
    let second = Service::open(&database).await;
    assert_eq!(second.get("/me", &ann).await, 200);
}
