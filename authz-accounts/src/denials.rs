//! Denials in the audit trail: who was refused what.
//!
//! They are gathered in memory and written together, a bounded number a second: who is refused can't
//! fill the database, nor make anybody wait. What was too much is counted, and the count is written.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use sqlx::{Any, Transaction};

use crate::audit::{self, Event};
use crate::error::Error;

/// As many as are kept between two times of writing.
const LIMIT: usize = 200;

/// Somebody who was refused.
#[derive(Debug)]
pub(crate) struct Denial {
    /// Seconds since 1970.
    pub(crate) at: i64,
    /// The account, if it was one.
    pub(crate) account: String,
    pub(crate) detail: Value,
}

#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    kept: Vec<Denial>,
    /// How many were too many.
    lost: u64,
}

impl Denials {
    pub(crate) fn add(&self, denial: Denial) {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if gathered.kept.len() < LIMIT {
            gathered.kept.push(denial);
        } else {
            gathered.lost += 1;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kept.is_empty()
    }

    /// Appends what was gathered. It is taken out first: what can't be written is in the log still.
    pub(crate) async fn write(
        &self,
        transaction: &mut Transaction<'static, Any>,
        now: i64,
    ) -> Result<(), Error> {
        let Gathered { kept, lost } =
            std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for Denial { at, account, detail } in kept {
            audit::append(transaction, at, Event::Denied, &account, detail).await?;
        }
        if lost > 0 {
            audit::append(transaction, now, Event::Denied, "", json!({ "more": lost })).await?;
        }
        Ok(())
    }
}
