//! The database: SQLite or PostgreSQL, one set of statements for both.
//!
//! - A SQLite file serves the nodes of one machine. It is made for its owner alone (mode 0600), in WAL
//!   mode, and a change is on the disk before it is answered (`synchronous = FULL`).
//! - PostgreSQL serves nodes everywhere. The address of a server on another host says its `sslmode`;
//!   with the feature `tls` that can be `verify-full`.
//! - Opening brings the schema up to date. Of nodes that start at once, one does it and the others wait.
//! - What has to hold together is one transaction: a password and the end of the sessions, a role and
//!   its audit record. A process that is killed in the middle leaves nothing half done.
//! - What one node revokes, the others refuse within a second: the audit trail tells them, which each
//!   reads a few times a second, and PostgreSQL says when there is something (`NOTIFY`). A node that
//!   can't read it asks the database each time; and where that fails, the answer is 503.
//! - No failure of the database is an answer about the caller.
//!
//! Absent on purpose: statements. Each module has its own beside what it does with them; here is
//! how they are run. Text of callers goes into parameters alone: a statement is a `&'static str`.

use std::net::IpAddr;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Any, AnyPool, Executor, SqlSafeStr, Transaction};

use crate::error::Error;

/// What the schema grew by, oldest first. A migration that was released is never changed.
const MIGRATIONS: [(i64, &str, &str); 4] = [
    (1, "accounts", include_str!("../migrations/0001_accounts.sql")),
    (2, "keys", include_str!("../migrations/0002_keys.sql")),
    (3, "second factor", include_str!("../migrations/0003_second_factor.sql")),
    (4, "passkeys", include_str!("../migrations/0004_passkeys.sql")),
];

/// How long to wait for a connection before the answer is that there is none.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub(crate) struct Store {
    pool: AnyPool,
    /// May have a password in it.
    url: String,
    is_sqlite: bool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("is_sqlite", &self.is_sqlite).finish_non_exhaustive()
    }
}

impl Store {
    /// Connects to a database as it is. A file is opened in this mode of SQLite.
    pub(crate) async fn connect(url: &str, mode: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let is_sqlite = !url.starts_with("postgres:") && !url.starts_with("postgresql:");
        let url = if is_sqlite { sqlite_url(url, mode) } else { url.to_owned() };
        if is_sqlite {
            keep_private(&url);
        } else {
            require_said_encryption(&url)?;
        }
        let mut options = AnyPoolOptions::new().acquire_timeout(PATIENCE);
        if is_sqlite {
            options = options.max_connections(4).after_connect(|connection, _| {
                Box::pin(async move {
                    // Readers don't wait for the writer; what was answered is on the disk.
                    connection.execute("PRAGMA busy_timeout = 3000").await?;
                    connection.execute("PRAGMA journal_mode = WAL").await?;
                    connection.execute("PRAGMA synchronous = FULL").await?;
                    connection.execute("PRAGMA foreign_keys = ON").await?;
                    Ok(())
                })
            });
        }
        Ok(Self { pool: options.connect(&url).await?, url, is_sqlite })
    }

    /// Opens the database, and brings its schema up to date, or up to this migration.
    pub(crate) async fn open(url: &str, version: i64) -> Result<Self, Error> {
        let store = Self::connect(url, "rwc").await?;
        // Of two nodes that begin at once, one waits until the other has committed.
        let mut transaction = store.write().await?;
        if !store.is_sqlite {
            let lock = "SELECT pg_advisory_xact_lock(6873241)";
            sqlx::query(lock).execute(&mut *transaction).await?;
        }
        let migrations = migrations(version);
        migrations.run(&mut *transaction).await.map_err(Error::unavailable)?;
        transaction.commit().await?;
        Ok(store)
    }

    pub(crate) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// The address of a PostgreSQL server, which tells its clients of changes.
    pub(crate) fn postgres_url(&self) -> Option<&str> {
        (!self.is_sqlite).then_some(&self.url)
    }

    /// Begins a transaction that reads one state of the database, whatever is written meanwhile.
    pub(crate) async fn read(&self) -> Result<Transaction<'static, Any>, Error> {
        let begin = if self.is_sqlite {
            "BEGIN"
        } else {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        };
        Ok(self.pool.begin_with(begin).await?)
    }

    /// Begins a transaction that will write.
    ///
    /// SQLite has one writer at a time: who takes its place at the beginning can't fail for want of
    /// it at the end.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Any>, Error> {
        let begin = if self.is_sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        Ok(self.pool.begin_with(begin).await?)
    }
}

fn migrations(version: i64) -> Migrator {
    let known = MIGRATIONS.iter().filter(|(number, ..)| *number <= version);
    let known = known.map(|(number, name, statements)| {
        let kind = MigrationType::Simple;
        Migration::new(*number, (*name).into(), kind, statements.into_sql_str(), false)
    });
    Migrator::with_migrations(known.collect())
}

/// A file's name is an address too, and a file that is not there is made.
fn sqlite_url(file: &str, mode: &str) -> String {
    let path = file.strip_prefix("sqlite://").or_else(|| file.strip_prefix("sqlite:"));
    let (path, options) = match path {
        Some(address) => address.split_once('?').unwrap_or((address, "")),
        None => (file, ""),
    };
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    if options.is_empty() {
        format!("sqlite:{path}?mode={mode}")
    } else {
        format!("sqlite:{path}?{options}")
    }
}

/// Makes the file before SQLite does, for its owner alone; SQLite gives the files beside it the same
/// rights. Where it is there or can't be made, SQLite has the word.
fn keep_private(url: &str) {
    let (path, options) = url.split_once('?').unwrap_or((url, ""));
    if options != "mode=rwc" || path.contains('%') {
        return;
    }
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let _ = file.open(path.trim_start_matches("sqlite:"));
}

/// Refuses the address of another host that leaves open whether the way there is encrypted: the
/// default would go without where the server offers nothing else.
fn require_said_encryption(url: &str) -> Result<(), Error> {
    let url = AnyConnectOptions::from_str(url)?.database_url;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host.is_empty()
        || host.eq_ignore_ascii_case("localhost")
        || host.starts_with("%2F")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if is_here || url.query_pairs().any(|(name, _)| name == "sslmode" || name == "ssl-mode") {
        return Ok(());
    }
    Err(Error::unavailable(
        "the address of a database on another host has to say `sslmode=verify-full` (with the \
         feature `tls`), or another mode",
    ))
}

#[cfg(test)]
mod tests {
    use super::{Store, require_said_encryption, sqlite_url};

    #[tokio::test]
    async fn a_password_in_the_address_is_not_shown() {
        sqlx::any::install_default_drivers();
        let url = String::from("postgres://shop:hunter2@localhost/accounts");
        let pool = sqlx::AnyPool::connect_lazy(&url).unwrap();
        let store = Store { pool, url, is_sqlite: false };
        let shown = format!("{store:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn the_way_to_another_host_is_said() {
        for url in [
            "postgres://shop@localhost/accounts",
            "postgres://shop:secret@127.0.0.1:5433/accounts",
            "postgres://shop@[::1]/accounts",
            "postgres:///accounts?host=/run/postgresql",
            "postgres://shop@db.example/accounts?sslmode=verify-full",
            "postgres://shop@db.example/accounts?sslmode=disable",
        ] {
            assert!(require_said_encryption(url).is_ok(), "{url}");
        }
        for url in [
            "postgres://shop@db.example/accounts",
            "postgres://shop@10.0.0.7/accounts?application_name=sslmode",
            "postgresql://shop@localhost.example/accounts",
        ] {
            assert!(require_said_encryption(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_file_s_name_is_an_address() {
        assert_eq!(sqlite_url("accounts.db", "rwc"), "sqlite:accounts.db?mode=rwc");
        assert_eq!(sqlite_url("/tmp/a?b#c%.db", "rwc"), "sqlite:/tmp/a%3Fb%23c%25.db?mode=rwc");
        assert_eq!(sqlite_url("sqlite:a.db", "rwc"), "sqlite:a.db?mode=rwc");
        assert_eq!(sqlite_url("sqlite:///tmp/a.db?mode=ro", "rwc"), "sqlite:/tmp/a.db?mode=ro");
    }
}
