//! What accounts promise, on SQLite and on a PostgreSQL server that the tests start.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail loudly, and so may what it shares with others"
)]

mod authenticator;
mod database;
mod support;

mod caches;
mod crash;
mod decisions;
mod factors;
mod faults;
mod history;
mod keys;
mod log_in;
mod migrations;
mod nodes;
mod objects;
mod passkeys;
mod program;
mod roles;
mod routes;
mod second_factor;
mod sessions;

pub(crate) use support::policy;

/// One test for each of the two databases.
///
/// A test takes a [`database::Database`] of its own.
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* $name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::database::Database::sqlite()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(database) = crate::database::Database::postgres() {
                    super::$name(database).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_databases;
