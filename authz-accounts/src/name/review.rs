//! Names that were taken before names had a class: which of them could not be chosen today, and which look like
//! another one. Nothing is changed: who has such a name logs in as before, and what becomes of it is for people.

use std::collections::BTreeMap;

use super::class::stranger;
use crate::error::Error;
use crate::store::Store;

/// The names of the accounts of a database, looked at from outside of the service, as the program `accounts` does.
#[derive(Debug)]
pub struct Names {
    store: Store,
}

/// What is to be known of the names of a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameReport {
    /// How many names there are.
    pub names: u64,
    /// Names that nobody could choose today, each with the first character that can't stand in a name.
    pub refused: Vec<(String, char)>,
    /// Names that are one without the characters that can't stand in a name: to look at, they are the same.
    pub alike: Vec<Vec<String>>,
}

impl Names {
    /// Opens the database, as [`Accounts::open`](crate::Accounts::open) names it. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where there is no such database.
    pub async fn open(database: &str) -> Result<Self, Error> {
        Ok(Self { store: Store::connect(database, "rw").await? })
    }

    /// Looks at every name.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`].
    pub async fn review(&self) -> Result<NameReport, Error> {
        use sqlx::Row as _;

        let mut transaction = self.store.read().await?;
        let rows = sqlx::query("SELECT name FROM account ORDER BY name")
            .fetch_all(&mut *transaction)
            .await?;
        let names: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        Ok(review(names?))
    }
}

fn review(names: Vec<String>) -> NameReport {
    let mut report = NameReport { names: names.len() as u64, ..NameReport::default() };
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        if let Some(character) = stranger(&name) {
            report.refused.push((name.clone(), character));
        }
        seen.entry(visible(&name)).or_default().push(name);
    }
    report.alike = seen.into_values().filter(|names| names.len() > 1).collect();
    report
}

/// The name without what can't stand in one.
fn visible(name: &str) -> String {
    let mut visible = name.to_owned();
    while let Some(character) = stranger(&visible) {
        visible.retain(|other| other != character);
    }
    visible
}
